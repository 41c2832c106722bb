"""The stages for a lent GPU: each <= 10 minutes, started from packed files (<= 64 MiB in all), leaving files of <= 16 MiB each.

python -m recipe.gpu STAGE --in FOLDER --out FOLDER [--config gpu256] [--minutes 9] [--device cuda]
  pack         here, on the machine with the icons: sprites, words and tokenizer in one archive
  probe        how many samples a second the networks train at, and the plan that fits the time that is left
  autoencoder  trains it on pictures composed on the device
  denoiser     encodes compositions on the device and trains text encoder and U-Net; goes on from an earlier denoiser stage
  finish       judge, figures and the weights for `export`, which runs on any machine
What a stage leaves is what the next one starts from: weights as int8 per row (averaged ones: training goes on from those),
second moments as row and column means. A stage loses at most its own work.
"""
import argparse
import glob
import json
import os
import random
import shutil
import time
import zipfile

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from . import train_autoencoder, train_denoiser
from .compose_gpu import DeviceComposer
from .config import CONFIGS, Run
from .tokenizer import Tokenizer
from .training import Clock, schedule

PART_BYTES = 15 << 20
PACK_BYTES = 20 << 20   # beside 40 MiB of weights and 7 of autoencoder
CHUNK = 256
FAST_FROM = 1024   # numbers in a tensor from which it is stored as int8


def pack(run, out):
    """One archive of what the device needs: sprites (lossless WebP), tokenizer, words."""
    from PIL import Image
    os.makedirs(out, exist_ok=True)
    with zipfile.ZipFile(os.path.join(out, 'pack.zip'), 'w', zipfile.ZIP_STORED) as archive:
        for path in sorted(glob.glob(run.path('sprites', '*', '*.png'))):
            target = os.path.relpath(path, run.folder)[:-4] + '.webp'
            Image.open(path).save(run.path('packed.webp'), lossless=True, exact=True)
            archive.write(run.path('packed.webp'), target)
        for path in glob.glob(run.path('model', 'tokenizer', '*')):
            archive.write(path, os.path.relpath(path, run.folder))
    size = os.path.getsize(os.path.join(out, 'pack.zip'))
    run.log('gpu', stage_name='pack', bytes=size)
    if size > PACK_BYTES:
        raise SystemExit(f'pack.zip has {size >> 20} MiB; {PACK_BYTES >> 20} are allowed')


def unpack(run, given):
    """Makes the run's folder from the files of earlier stages."""
    from PIL import Image
    with zipfile.ZipFile(os.path.join(given, 'pack.zip')) as archive:
        archive.extractall(run.folder)
    for path in glob.glob(run.path('sprites', '*', '*.webp')):
        Image.open(path).save(path[:-5] + '.png', compress_level=1)
        os.remove(path)
    model = os.path.join(given, 'autoencoder.safetensors')
    if os.path.exists(model):
        shutil.copy(model, run.path('model', 'autoencoder.safetensors'))


def quantise(state):
    """int8 per row for large tensors, fp16 for the others; `unquantise` turns it back."""
    out = {}
    for name, value in state.items():
        if value.numel() < FAST_FROM or value.ndim < 2:
            out[name + '|f'] = value.half().cpu()
            continue
        rows = value.float().flatten(1)
        scale = rows.abs().amax(1, keepdim=True) / 127 + 1e-12
        out[name + '|q'] = (rows / scale).round().clamp(-127, 127).to(torch.int8).view(value.shape).cpu()
        out[name + '|s'] = scale.float().cpu()
    return out


def unquantise(stored):
    out = {}
    for key, value in stored.items():
        name, kind = key.rsplit('|', 1)
        if kind == 'f':
            out[name] = value.float()
        elif kind == 'q':
            out[name] = (value.float().flatten(1) * stored[name + '|s']).view(value.shape)
    return out


def save_parts(tensors, folder, name):
    """Safetensors files NAME-000, NAME-001, ... of at most PART_BYTES each (one tensor is never cut)."""
    part, size, number = {}, 0, 0
    for key, value in [*tensors.items(), (None, None)]:
        bytes_ = 0 if value is None else value.numel() * value.element_size()
        if part and (key is None or size + bytes_ > PART_BYTES):
            save_file({k: v.contiguous() for k, v in part.items()}, os.path.join(folder, f'{name}-{number:03}.safetensors'))
            part, size, number = {}, 0, number + 1
        if key is not None:
            part[key], size = value, size + bytes_


def load_parts(folder, name):
    out = {}
    for path in sorted(glob.glob(os.path.join(folder, f'{name}-*.safetensors'))):
        out |= load_file(path)
    return out


def factored(moments, names):
    """Second moments as row and column means: 39 M numbers become a few hundred thousand."""
    out = {}
    for name, value in zip(names, moments):
        flat = value.flatten(1) if value.ndim > 1 else value[None]
        out[name + '|r'], out[name + '|c'] = flat.mean(1).float().cpu(), flat.mean(0).float().cpu()
    return out


def unfactored(stored, name, like):
    rows, columns = stored[name + '|r'].to(like.device), stored[name + '|c'].to(like.device)
    return (rows[:, None] * columns[None] / (rows.mean() + 1e-30)).view(like.shape).to(like)


def named(trainer):
    return {**{'unet.' + k: v for k, v in trainer.unet.named_parameters()}, **{'text.' + k: v for k, v in trainer.text.named_parameters()}}


def keep(trainer, out, facts):
    """Leaves the averaged weights, the factored second moments and the facts of the run so far."""
    os.makedirs(out, exist_ok=True)
    parameters = named(trainer)
    trainer.average.swap()
    save_parts(quantise({name: p.detach() for name, p in parameters.items()}), out, 'denoiser')
    trainer.average.swap()
    moments = [trainer.optimiser.state[p]['exp_avg_sq'] for p in parameters.values()]
    save_parts(factored(moments, parameters), out, 'moments')
    with open(os.path.join(out, 'progress.json'), 'w') as file:
        json.dump(facts | dict(step=trainer.step, seen=trainer.seen), file)


def resume(trainer, given):
    """Goes on from an earlier denoiser stage; gives its facts, or {} where there was none."""
    path = os.path.join(given, 'progress.json')
    if not os.path.exists(path):
        return {}
    with open(path) as file:
        facts = json.load(file)
    weights, moments, parameters = unquantise(load_parts(given, 'denoiser')), load_parts(given, 'moments'), named(trainer)
    with torch.no_grad():
        for i, (name, parameter) in enumerate(parameters.items()):
            parameter.copy_(weights[name])
            trainer.optimiser.state[parameter] = dict(
                step=torch.tensor(float(facts['step'])), exp_avg=torch.zeros_like(parameter), exp_avg_sq=unfactored(moments, name, parameter))
        for value, parameter in zip(trainer.average.values, trainer.parameters):
            value.copy_(parameter)
    trainer.step = trainer.average.step = facts['step']
    trainer.seen = facts['seen']
    return facts


class EncodedPictures:
    """Latents of freshly composed pictures, kept on the device; a part is made anew between steps, so none is seen for long."""

    def __init__(self, run, device, count, seed):
        self.composer, self.tokenizer = DeviceComposer(run, device, seed), Tokenizer(run.path('model', 'tokenizer'))
        self.encoder, _, self.scale = train_autoencoder.load(run, device)
        side = run.config.size // 8
        self.latents = torch.empty(count, 4, side, side, dtype=torch.float16, device=device)
        self.ids = torch.empty(count, 77, dtype=torch.int16)
        for start in range(0, count, CHUNK):
            self.renew(start)
        self.next = 0

    @torch.no_grad()
    def renew(self, start):
        n = min(CHUNK, len(self.ids) - start)
        pictures, plans = self.composer.batch(n)
        with torch.autocast(self.latents.device.type, torch.bfloat16):
            self.latents[start:start + n] = (self.encoder(pictures).float() * self.scale).half()
        self.ids[start:start + n] = torch.tensor([self.tokenizer(p.caption) for p in plans], dtype=torch.int16)

    def batch(self, n):
        pick = torch.randint(0, len(self.ids), (n,))
        return self.latents[pick.to(self.latents.device)].float(), self.ids[pick].long()

    def renew_next(self):
        self.renew(self.next)
        self.next = self.next + CHUNK if self.next + CHUNK < len(self.ids) else 0


def probe(run, device, steps=20):
    """Samples a second of the denoiser and pictures a second of the composer, on this device."""
    trainer = train_denoiser.Trainer(run, device)
    n, side = run.config.batch, run.config.size // 8
    latents, ids = torch.randn(n, 4, side, side), torch.tensor([trainer.tokenizer('a red car on the grass')] * n)
    for i in range(steps + 3):
        if i == 3:
            start = time.time()
        trainer.learn(latents, ids.clone(), 1e-6).item()
    trained = steps * n / (time.time() - start)
    composer, start = DeviceComposer(run, device, variants=2), time.time()
    for _ in range(4):
        composer.batch(64)[0].sum().item()
    return dict(samples_a_second=round(trained, 1), pictures_a_second=round(256 / (time.time() - start), 1))


def plan_for(rates, minutes_left, stage_minutes, wanted=4_000_000):
    """Denoiser stages that fit the time left, one stage kept for the autoencoder and one for the end."""
    stages = max(1, int(minutes_left // stage_minutes) - 2)
    samples = rates['samples_a_second'] * 60 * stages * max(0., stage_minutes - 1.5)
    return dict(denoiser_stages=stages, samples=int(samples), enough=samples >= wanted, **rates)


def denoiser(run, given, out, minutes, device, total_minutes):
    """One stage of training. The learning rate follows the whole plan (`total_minutes` of all its denoiser stages)."""
    clock, seed = Clock(minutes), int(time.time())
    torch.manual_seed(seed)
    trainer = train_denoiser.Trainer(run, device)
    facts = resume(trainer, given)
    spent = facts.get('spent', 0.)
    data = EncodedPictures(run, device, run.config.latents, seed)
    run.log('gpu', stage_name='denoiser', encoded=len(data.ids), seconds=round(clock.passed), step=trainer.step)
    started, losses, looked, first = clock.passed, [], time.time(), trainer.seen
    while clock.done < 1:
        done = (spent + clock.passed - started) / (total_minutes * 60)
        losses.append(trainer.learn(*data.batch(run.config.batch), schedule(done, trainer.step)))
        if trainer.step % 4 == 0:
            data.renew_next()
        if time.time() - looked > 15:
            rate = (trainer.seen - first) / (clock.passed - started)
            run.log('gpu', stage_name='denoiser', step=trainer.step, samples=trainer.seen, loss=round(torch.stack(losses).mean().item(), 4), samples_a_second=round(rate, 1))
            losses, looked = [], time.time()
    keep(trainer, out, dict(spent=spent + clock.passed - started))
    run.log('gpu', stage_name='denoiser', finished=True, step=trainer.step, samples=trainer.seen)


def autoencoder(run, out, minutes, device):
    """Trains the autoencoder on pictures composed on the device, the last third the decoder alone."""
    composer = DeviceComposer(run, device)
    source = lambda n: composer.batch(n)[0]
    train_autoencoder.train(run, minutes=minutes * 2 / 3, device=device, source=source)
    train_autoencoder.train(run, decoder_only=True, minutes=minutes / 3, device=device, source=source)
    os.makedirs(out, exist_ok=True)
    state = {name: value.half() if value.ndim else value for name, value in load_file(run.path('model', 'autoencoder.safetensors')).items()}
    save_file(state, os.path.join(out, 'autoencoder.safetensors'))


def finish(run, given, out, device):
    """Weights of the last denoiser stage as the run's model, judged; `metrics.json` and the judge go out."""
    from . import evaluate, judge, pictures
    trainer = train_denoiser.Trainer(run, device)
    if not resume(trainer, given):
        raise SystemExit(f'{given} has no denoiser')
    trainer.unet.save_pretrained(run.path('model', 'unet'))
    trainer.text.save_pretrained(run.path('model', 'text_encoder'))
    pictures.make(run, processes=max(1, min(8, len(os.sched_getaffinity(0)))))
    judge.train(run, run.config.judge_minutes)
    evaluate.evaluate(run)
    os.makedirs(out, exist_ok=True)
    shutil.copy(run.path('metrics.json'), out)
    shutil.copy(run.path('checkpoints', 'judge.pt'), out)


def stage(name, config, given, out, minutes, device, total_minutes=None, work=None):
    """Runs one stage in a folder of its own."""
    run = Run(config, work or os.path.join(out, 'work'))
    if name == 'pack':
        return pack(Run(config, given), out)
    unpack(run, given)
    os.makedirs(out, exist_ok=True)
    if name == 'probe':
        found = plan_for(probe(run, device), total_minutes or 60, minutes)
        with open(os.path.join(out, 'plan.json'), 'w') as file:
            json.dump(found, file)
        return run.log('gpu', stage_name='probe', **found)
    if name == 'autoencoder':
        return autoencoder(run, out, minutes, device)
    if name == 'denoiser':
        return denoiser(run, given, out, minutes, device, total_minutes or minutes)
    return finish(run, given, out, device)


def all_stages(run, device):
    """Every stage at the size of the configuration, each from the packed files of the ones before, as on a lent machine."""
    files = run.path('gpu', 'files', '.')[:-2]
    minutes = min(run.config.gpu_stage_minutes, run.config.denoiser_minutes)
    jobs = [('pack', 0), ('probe', minutes), ('autoencoder', min(minutes, run.config.autoencoder_minutes)), ('denoiser', minutes), ('denoiser', minutes), ('finish', minutes)]
    for number, (name, limit) in enumerate(jobs):
        given, out, work = run.folder if name == 'pack' else files, run.path('gpu', f'{number}-{name}', '.')[:-2], run.path('gpu', 'work', '.')[:-2]
        shutil.rmtree(work, ignore_errors=True)
        stage(name, run.config, given, out, limit, device, total_minutes=2 * minutes, work=work)
        left = [path for path in glob.glob(os.path.join(out, '*')) if os.path.isfile(path)]
        for path in left:
            if os.path.getsize(path) > 16 << 20 and name != 'pack':
                raise SystemExit(f'{path} is larger than 16 MiB')
            shutil.copy(path, files)
    run.log('gpu', stage_name='all', files={os.path.basename(p): os.path.getsize(p) for p in glob.glob(os.path.join(files, '*'))})


def main():
    parser = argparse.ArgumentParser(prog='recipe.gpu', description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('stage', choices=['pack', 'probe', 'autoencoder', 'denoiser', 'finish'])
    parser.add_argument('--in', dest='given', required=True, help='files of earlier stages; for pack: the folder of the run')
    parser.add_argument('--out', required=True)
    parser.add_argument('--work', help='scratch folder (default: OUT/work)')
    parser.add_argument('--config', choices=CONFIGS, default='gpu256')
    parser.add_argument('--minutes', type=float, default=9, help='of this stage')
    parser.add_argument('--total-minutes', type=float, help='denoiser: of all its stages; probe: that are left')
    parser.add_argument('--device', default='cuda', choices=['cpu', 'cuda'])
    options = parser.parse_args()
    random.seed(0), np.random.seed(0)
    stage(options.stage, CONFIGS[options.config], options.given, options.out, options.minutes, options.device, options.total_minutes, options.work)


if __name__ == '__main__':
    main()
