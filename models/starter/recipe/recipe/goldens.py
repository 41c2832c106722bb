"""Writes reference numbers for Easel's tests: the safetensors weights in torch (fp32) with the schedulers of diffusers around them.

The weights hold the same rounding as the ONNX files, so a program that runs those is compared with the published
implementation and not with itself. One .json and one .bin a case (float32, little-endian, C order, offsets in the json).
"""
import hashlib
import json
import os

import numpy as np
import torch
from diffusers import DDIMScheduler, DPMSolverMultistepScheduler, EulerDiscreteScheduler, LCMScheduler, UNet2DConditionModel
from PIL import Image
from transformers import CLIPTextModel, CLIPTokenizer

from . import autoencoder
from .painters import SCHEDULE

CASES = [
    dict(name='ddim-apple', prompt='a red apple on a blue background', seed=7),
    dict(name='ddim-wide-negative', prompt='a fox in the snow', negative='blue, a cat', seed=11, steps=12, width=192),
    dict(name='euler-robot', prompt='a 3d icon of a robot in space', seed=3, scheduler=EulerDiscreteScheduler),
    dict(name='dpmpp-2m-karras-boat', prompt='a boat at sunset, (beautiful)', seed=2 ** 31 + 5, steps=10, guidance=3.,
         scheduler=DPMSolverMultistepScheduler, overrides={'use_karras_sigmas': True, 'algorithm_type': 'dpmsolver++'}),
    dict(name='ddim-unguided', prompt='a castle on the grass', seed=1, steps=8, guidance=1.),
    dict(name='image-to-image', prompt='a yellow lemon on a blue background', seed=5, strength=.7, image='input.png')]


class Reference:
    """The torch networks of one run and the folder that the goldens go to."""

    def __init__(self, run, out, weights='weights'):
        from safetensors.torch import load_file
        self.out = out
        self.text = CLIPTextModel.from_pretrained(run.path(weights, 'text_encoder')).eval()
        self.unet = UNet2DConditionModel.from_pretrained(run.path(weights, 'unet'), low_cpu_mem_usage=False).eval()
        self.tokenizer = CLIPTokenizer.from_pretrained(run.path(weights, 'tokenizer'))
        state = load_file(run.path(weights, 'autoencoder.safetensors'))
        self.scale = round(float(state.pop('scaling_factor')), 4)
        self.encoder, self.decoder = autoencoder.make(run.config)
        autoencoder.warm_start(self.encoder, self.decoder, state)

    def ids(self, words):
        return self.tokenizer(words, padding='max_length', truncation=True, max_length=77)['input_ids']

    def embed(self, ids):
        return self.text(torch.tensor([ids])).last_hidden_state

    def picture(self, name):
        pixels = np.asarray(Image.open(os.path.join(self.out, name)).convert('RGB'), np.float32)
        return torch.from_numpy(pixels.transpose(2, 0, 1)[None] / 127.5 - 1)


@torch.no_grad()
def case(reference, name, prompt, negative='', seed=0, steps=20, guidance=5., height=128, width=128, scheduler=DDIMScheduler, overrides=None, image=None, strength=None):
    """Runs one case and writes its two files and a picture to look at."""
    settings = SCHEDULE | (dict(clip_sample=False, set_alpha_to_one=True, steps_offset=0) if scheduler is DDIMScheduler else {}) | (overrides or {})
    sampler = scheduler(**settings)
    sampler.set_timesteps(steps)
    prompt_ids, negative_ids = reference.ids(prompt), reference.ids(negative)
    positive, unwanted = reference.embed(prompt_ids), reference.embed(negative_ids)
    noise = torch.randn((1, 4, height // 8, width // 8), generator=torch.Generator('cpu').manual_seed(seed))
    times = sampler.timesteps
    arrays = dict(prompt_embeds=positive, negative_prompt_embeds=unwanted, initial_noise=noise)
    if image is None:
        x = noise * sampler.init_noise_sigma
    else:
        z = reference.encoder(reference.picture(image)) * reference.scale
        begin = steps - min(int(steps * strength), steps)
        times = times[begin:]
        if hasattr(sampler, 'set_begin_index'):
            sampler.set_begin_index(begin)
        x = sampler.add_noise(z, noise, times[:1])
        arrays['image_latents'] = z
    arrays['first_sample'] = x
    trace = []
    for t in times:
        given = sampler.scale_model_input(x, t)
        v = reference.unet(given.repeat(2, 1, 1, 1), torch.tensor(round(float(t))), torch.cat([unwanted, positive])).sample
        x = sampler.step(v[:1] + guidance * (v[1:] - v[:1]), t, x).prev_sample
        trace.append(x.clone())
    shown = (reference.decoder(x / reference.scale) / 2 + .5).clamp(0, 1).permute(0, 2, 3, 1)
    Image.fromarray((shown[0].numpy() * 255).round().astype(np.uint8)).save(os.path.join(reference.out, f'{name}.png'))
    arrays |= dict(latents_steps=torch.stack(trace), image=shown)
    write(reference.out, name, arrays, dict(
        prompt=prompt, negative_prompt=negative, seed=seed, steps=steps, guidance_scale=guidance, height=height, width=width,
        scheduler=scheduler.__name__, scheduler_overrides=overrides or {}, strength=strength, input_image=image, prompt_ids=prompt_ids,
        negative_ids=negative_ids, timesteps=[float(t) for t in times], bin=f'{name}.bin'))


def digest_of(path):
    with open(path, 'rb') as file:
        return hashlib.sha256(file.read()).hexdigest()


def write(out, name, arrays, facts):
    table, blob = {}, b''
    for key, value in arrays.items():
        array = np.ascontiguousarray(value.numpy(), np.float32)
        table[key] = dict(shape=list(array.shape), dtype='float32', offset=len(blob))
        blob += array.tobytes()
    with open(os.path.join(out, f'{name}.bin'), 'wb') as file:
        file.write(blob)
    with open(os.path.join(out, f'{name}.json'), 'w') as file:
        json.dump(facts | dict(arrays=table), file, indent=1)


def make(run, exported, out):
    """Writes all cases, the picture that image-to-image starts from and the digest of the U-Net file they belong to."""
    os.makedirs(out, exist_ok=True)
    torch.set_num_threads(1)
    reference = Reference(run, out)
    for settings in CASES:
        if settings.get('image'):
            Image.open(os.path.join(out, 'ddim-apple.png')).convert('RGB').save(os.path.join(out, settings['image']))
        case(reference, **settings)
    digest = digest_of(os.path.join(exported, 'unet', 'model.onnx'))
    with open(os.path.join(out, 'weights.sha256'), 'w') as file:
        file.write(digest + '\n')
    run.log('goldens', cases=[settings['name'] for settings in CASES], unet=digest)


FEW = dict(prompt='a red apple on a blue background', seed=7, steps=4, guidance=1.)
EVERY = 64   # which of the last latents are kept


@torch.no_grad()
def few(run, exported, path):
    """Some of the latents that the few-step model ends with, in diffusers: one small file, with the digest of the graph they belong to."""
    reference = Reference(run, os.path.dirname(path), 'weights-few')
    with open(os.path.join(exported, 'scheduler', 'scheduler_config.json')) as file:
        sampler = LCMScheduler.from_config(json.load(file))
    sampler.set_timesteps(FEW['steps'])
    generator, context = torch.Generator('cpu').manual_seed(FEW['seed']), reference.embed(reference.ids(FEW['prompt']))
    x = torch.randn((1, 4, run.config.size // 8, run.config.size // 8), generator=generator)
    for t in sampler.timesteps:
        x = sampler.step(reference.unet(x, t, context).sample, t, x, generator=generator).prev_sample
    kept = [round(v, 6) for v in x.flatten()[::EVERY].tolist()]
    with open(path, 'w') as file:
        json.dump(FEW | dict(
            timesteps=sampler.timesteps.tolist(), every=EVERY, latents=kept, unet=digest_of(os.path.join(exported, 'unet', 'model.onnx'))), file, indent=2)
        file.write('\n')
