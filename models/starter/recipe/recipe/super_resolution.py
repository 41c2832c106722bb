"""A small network that makes the starter's pictures twice as large: the layout of ESRGAN's x2 networks (pixels in, pixels out).

It learns from compositions drawn at twice the size. Their small sides are what the starter would show: the picture through the
autoencoder, or through the last steps of the sampler (SDEdit, Meng et al., 2022), so softness and small faults of both are what
it learns to undo; some are plain halves, so that sharp pictures stay sharp.

  y = enlarge(x) + shuffle4(body(unshuffle2(x)))        x in 0..1, enlarge: bilinear, body: residual blocks (Lim et al., 2017, EDSR)
"""
import json
import os
import random
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image

from . import export, storage, train_autoencoder
from .config import DATA
from .objectives import STEPS, VPrediction
from .painters import OnnxPainter, TorchPainter
from .render import Composer
from .training import Average, save, schedule

CHANNELS, BLOCKS, FACTOR = 64, 8, 2
BATCH, CROP = 12, 64              # crops of the small side
FRESH = 96                        # pairs that only validation reads
PLAIN, THROUGH_SAMPLER = .15, .5  # shares of small sides; the others go through the autoencoder alone
SAMPLER_STEPS, LAST_STEPS = 20, (2, 3, 4, 5)   # of 20 DDIM steps, how many are repeated


class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.first, self.second = nn.Conv2d(channels, channels, 3, padding=1), nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x):
        return x + .2 * self.second(F.relu(self.first(x)))


class SuperResolution(nn.Module):
    """[N, 3, H, W] in 0..1 -> [N, 3, 2H, 2W], not clamped; any H and W: the edge is repeated to even sides and cut again."""

    def __init__(self, channels=CHANNELS, blocks=BLOCKS):
        super().__init__()
        self.into, self.out = nn.Conv2d(12, channels, 3, padding=1), nn.Conv2d(channels, 48, 3, padding=1)
        self.body = nn.Sequential(*[Block(channels) for _ in range(blocks)], nn.Conv2d(channels, channels, 3, padding=1))
        nn.init.zeros_(self.out.weight), nn.init.zeros_(self.out.bias)

    def forward(self, x):
        height, width = x.shape[2], x.shape[3]
        even = F.pad(x, (0, width % 2, 0, height % 2), mode='replicate')
        first = self.into(F.pixel_unshuffle(even, 2))
        detail = F.pixel_shuffle(self.out(first + self.body(first)), 4)
        return F.interpolate(x, scale_factor=2., mode='bilinear', align_corners=False) + detail[:, :, :2 * height, :2 * width]


def halves(pictures):
    """uint8 [N, 2S, 2S, 3] -> float32 [N, 3, S, S] in -1..1, each pixel the mean of four."""
    x = torch.from_numpy(pictures).permute(0, 3, 1, 2).float().div(127.5).sub(1)
    return F.avg_pool2d(x, 2)


@torch.no_grad()
def through_sampler(painter, captions, latents, last, generator, guidance=2.):
    """Noise to the level of the last DDIM steps, then those steps again."""
    objective, n = VPrediction(), len(captions)
    times = [round(STEPS - i * STEPS / SAMPLER_STEPS) - 1 for i in range(SAMPLER_STEPS)][-last:]
    context = painter.encode([''] * n + captions)
    noise = torch.randn(latents.shape, generator=generator)
    x, _ = objective.noisy(latents, noise, torch.full((n,), times[0]))
    for i, t in enumerate(times):
        v = painter.predict(x.repeat(2, 1, 1, 1), torch.tensor(t), context)
        v = v[:n] + guidance * (v[n:] - v[:n])
        a = objective.alpha_bar[t]
        b = objective.alpha_bar[times[i + 1]] if i + 1 < len(times) else torch.ones_like(a)
        x = b.sqrt() * (a.sqrt() * x - (1 - a).sqrt() * v) + (1 - b).sqrt() * ((1 - a).sqrt() * x + a.sqrt() * v)
    return x


@torch.no_grad()
def small_sides(run, pictures, plans, seed):
    """What the starter would show of the pictures: uint8 [N, S, S, 3], and which kind each is (0 plain, 1 autoencoder, 2 sampler)."""
    encoder, _, scale = train_autoencoder.load(run)
    painter, choose, generator = TorchPainter(run), random.Random(seed), torch.Generator().manual_seed(seed)
    out, kinds = [], []
    for i in range(0, len(plans), 32):
        part = halves(pictures[i:i + 32])
        latents = encoder(part) * scale
        captions = [plan.caption for plan in plans[i:i + 32]]
        drawn = {0: part, 1: painter.decode(latents), 2: painter.decode(through_sampler(painter, captions, latents, choose.choice(LAST_STEPS), generator))}
        kind = [0 if r < PLAIN else 2 if r < PLAIN + THROUGH_SAMPLER else 1 for r in (choose.random() for _ in captions)]
        shown = torch.stack([drawn[k][j] for j, k in enumerate(kind)]).clamp(-1, 1)
        out.append(((shown.permute(0, 2, 3, 1) + 1) * 127.5).round().byte().numpy())
        kinds += kind
    return np.concatenate(out), np.array(kinds)


def pairs(run, name, count, seed):
    """(large, small, kinds) of a bank of pairs, made once."""
    path = run.path('super_resolution', f'{name}.npz')
    if not os.path.exists(path):
        composer = Composer(run, split='any')
        composer.size = FACTOR * run.config.size
        large, plans = composer.batch(random.Random(seed), count)
        small, kinds = small_sides(run, large, plans, seed)
        np.savez(path, large=large, small=small, kinds=kinds)
        run.log('super_resolution', bank=name, pairs=count)
    kept = np.load(path)
    return kept['large'], kept['small'], kept['kinds']


def to_unit(pictures):
    return torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).float().div(255)


def crops(large, small, draw):
    """A batch of matching crops, mirrored half of the time: small [N, 3, c, c] and large [N, 3, 2c, 2c] in 0..1."""
    side = min(CROP, small.shape[1])
    xs, ys = [], []
    for index in draw.integers(len(small), size=BATCH):
        top, left = draw.integers(small.shape[1] - side + 1, size=2)
        x = small[index, top:top + side, left:left + side]
        y = large[index, 2 * top:2 * (top + side), 2 * left:2 * (left + side)]
        flip = slice(None, None, -1 if draw.random() < .5 else 1)
        xs.append(x[:, flip]), ys.append(y[:, flip])
    return to_unit(np.stack(xs)), to_unit(np.stack(ys))


def psnr(x, y):
    return 10 * torch.log10(1 / ((x.clamp(0, 1) - y) ** 2).mean((1, 2, 3)))


@torch.no_grad()
def figures(network, large, small, kinds):
    """PSNR (dB) and SSIM of the network and of Lanczos (Pillow's) beside it, by kind of small side."""
    names, out = ('plain', 'autoencoder', 'sampler'), {}
    for kind, name in enumerate(names):
        chosen = np.flatnonzero(kinds == kind)
        if not len(chosen):
            continue
        y = to_unit(large[chosen])
        size = (large.shape[2], large.shape[1])
        lanczos = to_unit(np.stack([np.asarray(Image.fromarray(small[i]).resize(size, Image.LANCZOS)) for i in chosen]))
        made = torch.cat([network(to_unit(small[chosen[i:i + 16]])) for i in range(0, len(chosen), 16)])
        for way, x in (('network', made), ('lanczos', lanczos)):
            similarity = train_autoencoder.structural_similarity(x.clamp(0, 1) * 2 - 1, y * 2 - 1).mean().item()
            out.setdefault(name, {})[way] = dict(psnr=round(psnr(x, y).mean().item(), 2), ssim=round(similarity, 4))
    return out


def train(run):
    """Trains for the steps of the configuration; goes on from its checkpoint."""
    torch.manual_seed(0)
    count = run.config.super_resolution_pairs
    large, small, _ = pairs(run, 'train', count, 31)
    held = pairs(run, 'fresh', min(FRESH, count), 32)
    network = SuperResolution().to(memory_format=torch.channels_last)
    parameters = [*network.parameters()]
    optimiser, average = torch.optim.AdamW(parameters, lr=4e-4, betas=(.9, .99), weight_decay=0., fused=True), Average(parameters, .998)
    checkpoint, step, spent = run.path('checkpoints', 'super_resolution.pt'), 0, 0.
    if os.path.exists(checkpoint):
        kept = torch.load(checkpoint)
        network.load_state_dict(kept['network']), optimiser.load_state_dict(kept['optimiser'])
        average.values, average.step, step, spent = kept['average'], kept['step'], kept['step'], kept['spent']
    steps, begun, draw, losses, looked = run.config.super_resolution_steps, time.time() - spent, np.random.default_rng(step + 1), [], time.time()

    def keep():
        save(dict(network=network.state_dict(), optimiser=optimiser.state_dict(), average=average.values, step=step, spent=time.time() - begun), checkpoint)
    while step < steps:
        for group in optimiser.param_groups:
            group['lr'] = 4e-4 * schedule(step / steps, step, warmup=100, hold=.4)
        x, y = crops(large, small, draw)
        with torch.autocast('cpu', torch.bfloat16):
            out = network(x.contiguous(memory_format=torch.channels_last))
        out = out.float()
        (a, b), (c, d) = train_autoencoder.differences(out), train_autoencoder.differences(y)
        loss = (out - y).abs().mean() + .5 * ((a - c).abs().mean() + (b - d).abs().mean())
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.)
        optimiser.step()
        average.update()
        step += 1
        losses.append(loss.item())
        if time.time() - looked > 60:
            run.log('super_resolution', seconds=round(time.time() - begun), step=step, loss=round(sum(losses) / len(losses), 5))
            losses, looked = [], time.time()
            keep()
    keep()
    average.swap()
    storage.round_weights(network, 'fp16')
    found = figures(network, *held)
    run.log('super_resolution', seconds=round(time.time() - begun), step=step, finished=True, **found)
    with open(run.path('super_resolution', 'metrics.json'), 'w') as file:
        json.dump(dict(steps=step, minutes=round((time.time() - begun) / 60, 1), pairs=len(held[1]), **found), file, indent=1)
    torch.save(network.state_dict(), run.path('super_resolution', 'network.pt'))


def load(run):
    network = SuperResolution()
    network.load_state_dict(torch.load(run.path('super_resolution', 'network.pt')))
    return network.eval()


def write(run, folder):
    """The folder of the model: its graph and its manifest. Gives the graph's size in bytes."""
    size = run.config.size
    names = {0: 'batch_size', 2: 'height', 3: 'width'}
    network = load(run)
    bytes_ = export.graph(folder, '', network, (torch.rand(1, 3, size, size + 2),), ['input'], ['output'], {'input': names, 'output': names}, 'fp16')
    export.write_json(folder, 'manifest.json', dict(
        id=f'{run.config.model_id}-x2', name='Easel Starter x2',
        description=f'Makes the pictures of the starter model twice as large and sharper: {size} x {size} becomes {2 * size} x {2 * size}.',
        licence='MIT', attribution=['Learned from drawings of Microsoft Fluent Emoji (MIT)']))
    run.log('super_resolution', folder=folder, bytes=bytes_)
    return bytes_


def beside(run, exported, path, columns=4, steps=20, guidance=3.):
    """Pictures of the starter, enlarged by Lanczos (left of each pair) and by the network."""
    with open(os.path.join(DATA, 'prompts.json')) as file:
        prompts = json.load(file)[:2 * columns]
    drawn = OnnxPainter(exported)(prompts, seed=1, steps=steps, guidance=guidance)
    with torch.no_grad():
        made = load(run)(to_unit(drawn)).clamp(0, 1)
    made = (made.permute(0, 2, 3, 1) * 255).round().byte().numpy()
    plain = [np.asarray(Image.fromarray(p).resize((2 * p.shape[1], 2 * p.shape[0]), Image.LANCZOS)) for p in drawn]
    both = [np.concatenate(pair, 1) for pair in zip(plain, made)]
    rows = [np.concatenate(both[i:i + columns // 2], 1) for i in range(0, len(both), columns // 2)]
    Image.fromarray(np.concatenate(rows)).save(path)
