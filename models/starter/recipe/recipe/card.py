"""Writes the model card (README.md of the shipped folder) from the figures of a run, so that no number in it is typed by hand."""
import json
import os

from . import words
from .config import concepts

TEXT = '''# Easel Starter

The model that a fresh install makes its first picture with: a text-to-image latent-diffusion model of Easel's own, {megabytes:.0f} MB. It draws
{nouns} things on ten plain colours and in ten scenes, at 128x128. `known_words.json` lists what it understands; `samples.png` shows 48 fixed prompts (one
seed, none chosen), `beside-real.png` real compositions of the training data (left of each pair) beside what it draws for their captions.

| part | what | stored as | size |
|---|---|---|---|
| `text_encoder` | CLIP text model, 3 layers of 128, 4 heads, 77 tokens, own vocabulary of {tokens} | fp16 | {text_encoder:.1f} MB |
| `unet` | U-Net (64, 128, 192), cross-attention at the two lower levels, v-prediction, 10.9 M parameters | int8 per output channel | {unet:.1f} MB |
| `vae_encoder`, `vae_decoder` | own lean autoencoder, 8 pixels a latent, 4 channels, deterministic | fp16 | {vae_encoder:.1f} + {vae_decoder:.1f} MB |

Weights are turned into fp32 when a session is made; all computation is fp32. `manifest.json` says how the app should use it; it is made by the recipe
in `recipe/` of the repository (not part of the packaged app), which also gives the same weights as safetensors for diffusers and transformers.

[`starter-few`](../starter-few/README.md) is this model in four steps.

## Use

- Width and height in multiples of 32 (three U-Net levels); other sizes are cropped from the next one. It was trained at 128x128: larger pictures tile their content.
- Guidance 2-5; {steps} steps of DDIM (recommended: guidance {guidance:g}), or 10-15 of DPM++ 2M.
- Prompts like "a red apple on a blue background", "a fox in the snow", "a 3d icon of a robot in space", "a giraffe and a camel in the desert".

## What it can draw

{noun_list}.
Colours of the backdrop: {colours}. Scenes: {scenes}. One or two things ("and", "next to"), "small", "big", "on the left", "on the right", "at the top",
"at the bottom". {tinted} of the things can be {hues}: {tinted_list}.

## Data

Pictures composed by program from sprites of **Microsoft Fluent Emoji** (MIT, Copyright (c) Microsoft Corporation), drawn from the npm package
`@iconify-json/fluent-emoji` 1.2.7 (3d style; one drawing a thing, {nouns} in all, `sprites/licences.json` of a run names each), over procedural backdrops.
A caption says what was drawn: things and tints always, the backdrop in 96 % of the captions. Two things in 40 % of the pictures. One in five
combinations of thing, backdrop and tint is held out by a fixed hash and was never drawn in training (the weights that this run went on from were
trained without a hold-out, on 99 of the nouns: a held-out combination of those may have been seen by them).

## Training

On two cores of a server CPU (AMX) that other work was using too; no GPU. Everything went on from the weights of version 0 (344,576 samples).

| stage | time | what |
|---|---|---|
| autoencoder | {autoencoder_minutes:.0f} min | {autoencoder_pictures:,} whole pictures; then the encoder was frozen |
| encoding | {encoding_minutes:.0f} min of one core | {encoded:,} pictures |
| text encoder + U-Net | {denoiser_minutes:.0f} min | {samples:,} samples in {batches:,} steps of 64, one core; the minutes are those of the core when it was not shared ({rate:.0f} samples a second) |

Schedule: DDPM, `linear` betas 1e-4..0.02, trailing spacing, so that the last noise level is almost pure noise. AdamW, averaged weights, cosine cool-down
over the last 40 %. Three runs, of {runs} steps in all: each stretched the schedule of the one before it, which put the rate back to the middle of
the cool-down (the third to its beginning). Pictures of two things and tinted ones were drawn 0.85 and 0.7 times as often in the cool-down of the first run and
0.9 times as often in the second, because single things lagged. In the third run all pictures were composed anew, more of them, and things that are new in this version
drawn 1.5 times as often; from step 9,000 on 1.8 times, two things 0.8 and tinted ones 1.2 times: new tinted things were what it got wrong most.{curves}

## Figures

A judge network that was trained on real compositions reads generated pictures of captions that training never used ({steps} steps of DDIM, guidance
{guidance:g}, the stored weights in torch; in ONNX Runtime they give the same latents to 1e-3). A fact is counted only where the caption states it.

| | thing | backdrop | tint | position | size | one of two | both of two | pictures |
|---|---|---|---|---|---|---|---|---|
{rows}

Version 0's own figures (object 95 %, backdrop 95 %, tint 82 %, both of two 79 %) also asked for facts that its captions left out.
Autoencoder: {psnr:.1f} dB PSNR, SSIM {ssim:.3f} on fresh compositions (version 0's on the same pictures: 29.3 dB). Frechet distance on the judge's features
{frechet:.1f} from the real compositions of the same captions (real against other real ones: {floor:.1f}, so this says little at 512 pictures).
The judge forgives softness: a picture that it names can still look smeared. Look at `beside-real.png`.

## Limits

Small, and honest about it: edges are softer than those of the art; fine parts (spokes, legs, faces of small things) smear. No text, no people, no
photographs; two things at most; no counting. Words that it does not know are ignored or guessed from their pieces; the app marks them.

## Licence

Weights: MIT. Art that the training pictures were composed from: Microsoft Fluent Emoji (MIT).
'''


def percent(value):
    return '-' if value is None else f'{100 * value:.1f} %'


def row(name, figures):
    cells = [percent(figures[key]) for key in ('object', 'backdrop', 'tint', 'position', 'size', 'one_of_two', 'both_of_two')]
    return f"| {name} | {' | '.join(cells)} | {figures['pictures']} |"


def lines_of(run, stage):
    with open(run.path('logs', f'{stage}.jsonl')) as file:
        return [json.loads(line) for line in file]


def make(run, folder):
    """Writes README.md and metrics.json into the exported folder."""
    with open(run.path('metrics.json')) as file:
        metrics = json.load(file)
    best, nouns = metrics['recommended'], list(concepts(run.config))
    rows = [
        row('combinations of the training', metrics['train']), row('held-out combinations', metrics['heldout']), row('held-out, things new in this version', metrics['heldout_new']), row('the judge on real compositions', metrics['real'])]
    if os.path.exists(run.path('version0.json')):
        with open(run.path('version0.json')) as file:
            earlier = json.load(file)
        rows += [row(f"version 0 on its own 99 nouns, guidance {e['guidance']:g}", e) for name, e in earlier.items() if name.startswith('guidance')]
    finished = [line for line in lines_of(run, 'denoiser') if line.get('finished')]
    done, runs = finished[-1], [f"{line['step']:,}" for line in finished]
    shards = {line['shard']: line for line in lines_of(run, 'latents')}
    encoded = sum(line['pictures'] for line in shards.values())
    rate = max(line['samples_a_second'] for line in lines_of(run, 'denoiser') if 'samples_a_second' in line)
    drawn = [line for line in lines_of(run, 'autoencoder') if line.get('finished')][-1]
    sizes = [line for line in lines_of(run, 'export')][-1]
    tinted = [noun for noun in nouns if noun in words.TINTED]
    text = TEXT.format(
        nouns=len(nouns), megabytes=sizes['total'] / 1e6, tokens=f"{[line for line in lines_of(run, 'tokenizer')][-1]['tokens']:,}",
        **{part: size / 1e6 for part, size in sizes['bytes'].items()}, steps=best['steps'], guidance=best['guidance'], noun_list=', '.join(nouns),
        colours=', '.join(words.COLOURS), scenes=', '.join(words.SCENES[:run.config.scenes]), tinted=len(tinted), tinted_list=', '.join(tinted),
        hues=', '.join(words.HUES), autoencoder_minutes=drawn['seconds'] / 60, autoencoder_pictures=drawn['step'] * 12,
        encoded=encoded, encoding_minutes=encoded / max(line['pictures_a_second'] for line in shards.values()) / 60, denoiser_minutes=done['samples'] / rate / 60, rate=rate, runs=f"{', '.join(runs[:-1])} and {runs[-1]}", samples=done['samples'], batches=done['step'],
        curves=f" Loss curve, and every figure below by guidance 1..8{' and by sampler and steps' if 'by_sampler' in metrics else ''}: `metrics.json`." if 'by_guidance' in metrics else '',
        rows='\n'.join(rows), psnr=metrics['autoencoder']['psnr'], ssim=metrics['autoencoder']['ssim'], frechet=metrics['train']['frechet'], floor=metrics['frechet_floor'])
    with open(os.path.join(folder, 'README.md'), 'w') as file:
        file.write(text)
    with open(os.path.join(folder, 'metrics.json'), 'w') as file:
        json.dump(metrics, file, indent=1)
        file.write('\n')
