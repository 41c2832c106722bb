"""Measures whether blending suffices for inpainting: a thing is replaced by another one under a mask, the rest stays.

At every step the latents outside the mask are those of the original at that noise level (Avrahami et al., 2022); after
decoding, the original's pixels stand outside the mask. No network with extra channels takes part.
"""
import random

import numpy as np
import torch

from . import judge, words
from .config import concepts
from .evaluate import compositions
from .objectives import VPrediction
from .painters import TorchPainter
from .train_autoencoder import load
from .training import to_input

MARGIN = .06   # of the picture, around the thing


def mask_of(plan, side):
    """1 where the thing stands, [1, side, side]."""
    thing, mask = plan.things[0], torch.zeros(1, side, side)
    left, right = thing.x - thing.size / 2 - MARGIN, thing.x + thing.size / 2 + MARGIN
    top, bottom = thing.y - thing.size / 2 - MARGIN, thing.y + thing.size / 2 + MARGIN
    edges = [min(side, max(0, round(v * side))) for v in (left, right, top, bottom)]
    mask[:, edges[2]:edges[3], edges[0]:edges[1]] = 1
    return mask


@torch.no_grad()
def blended(painter, captions, original, mask, steps, guidance, seed=3):
    """Scaled latents drawn for the captions inside the mask, `original` latents outside."""
    n, objective = len(captions), VPrediction()
    context = painter.encode([''] * n + list(captions))
    noise = torch.randn(original.shape, generator=torch.Generator().manual_seed(seed))

    def predict(x, t):
        kept, _ = objective.noisy(original, noise, torch.full((n,), t))
        x.copy_(mask * x + (1 - mask) * kept)
        v = painter.predict(x.repeat(2, 1, 1, 1), torch.tensor(t), context)
        return v[:n] + guidance * (v[n:] - v[:n])
    x = objective.sample(predict, noise.clone(), steps)
    return mask * x + (1 - mask) * original


def measure(run, count=192, steps=20, guidance=4.):
    """Replaces the thing of real compositions by another noun and reads the results with the judge."""
    net, painter = judge.load(run), TorchPainter(run)
    encoder, decoder, scale = load(run)
    made, plans = compositions(run, 'any', 3 * count, seed=91, pairs=0., synonyms=0.)
    chosen = [i for i, plan in enumerate(plans) if plan.things[0].size < .7][:count]
    made, plans, r = made[chosen], [plans[i] for i in chosen], random.Random(4)
    nouns = list(concepts(run.config))
    for plan in plans:
        plan.things[0].noun, plan.things[0].tint = r.choice([noun for noun in nouns if noun != plan.things[0].noun]), ''
        where = f'on {words.article(plan.backdrop)} background' if plan.backdrop in words.COLOURS else plan.backdrop
        plan.caption, plan.said_backdrop, plan.size, plan.position = f'{words.article(plan.things[0].noun)} {where}', True, '', ''
    pixels, drawn, outside = to_input(made), [], []
    for i in range(0, len(plans), 32):
        part = plans[i:i + 32]
        with torch.no_grad():
            original = encoder(pixels[i:i + 32]) * scale
            x = blended(painter, [p.caption for p in part], original, torch.stack([mask_of(p, original.shape[-1]) for p in part]), steps, guidance)
            y = decoder(x / scale).clamp(-1, 1)
        fine = torch.stack([mask_of(p, pixels.shape[-1]) for p in part])
        outside.append((((y - pixels[i:i + 32]).abs() * (1 - fine)).sum() / (1 - fine).sum() / 3).item())
        y = fine * y + (1 - fine) * pixels[i:i + 32]
        drawn.append(((y.permute(0, 2, 3, 1) + 1) * 127.5).round().byte().numpy())
    drawn = np.concatenate(drawn)
    figures = judge.figures(net, drawn, plans)
    found = dict(replaced=figures['object'], backdrop=figures['backdrop'], pictures=len(drawn), mean_difference_outside_before_pasting=round(float(np.mean(outside)) * 127.5, 2), steps=steps, guidance=guidance)
    run.log('inpainting', **found)
    return found | dict(drawn=drawn, before=made)
