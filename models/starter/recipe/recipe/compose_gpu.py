"""Composes pictures in batches on the device: sprites from an atlas over a bank of backdrops, all as tensors.

Plans still come from the grammar on the CPU (50 microseconds each); what costs is drawing. Backdrops are drawn once with numpy,
some variants each, and varied in colour; sprites are placed by resampling the level of the atlas nearest in size.
"""
import math
import random

import numpy as np
import torch
import torch.nn.functional as F

from . import backdrops, words
from .grammar import Grammar
from .sprites import load

VARIANTS = 48
LEVELS = 3


def atlas_of(bank, device):
    """Premultiplied sprites as levels of uint8 [K, 4, p, p], p halving from one to the next, and the row of each key."""
    rows = {key: i for i, key in enumerate(bank)}
    top = torch.from_numpy(np.stack([np.asarray(image) for image in bank.values()])).permute(0, 3, 1, 2).contiguous()
    levels = [top]
    for _ in range(LEVELS - 1):
        levels.append(torch.cat([F.avg_pool2d(part.float(), 2).round().byte() for part in levels[-1].split(64)]))
    return rows, [level.to(device) for level in levels]


def backdrop_bank(names, size, device, variants=VARIANTS, seed=17):
    """uint8 [len(names) * variants, 3, size, size]; backdrop i starts at row i * variants."""
    r, out = random.Random(seed), []
    for name in names:
        for _ in range(variants):
            image = backdrops.plain(name, size, r) if name in words.COLOURS else backdrops.scene(name, size, r)
            out.append(image.clip(0, 255).astype(np.uint8))
    return torch.from_numpy(np.stack(out)).permute(0, 3, 1, 2).contiguous().to(device)


class DeviceComposer:
    """Batches of (pictures float32 [N, 3, S, S] in -1..1 on the device, plans)."""

    def __init__(self, run, device, seed=1, variants=VARIANTS, **grammar):
        self.size, self.device, self.r, self.variants = run.config.size, device, random.Random(seed), variants
        self.grammar = Grammar(run.config, **grammar)
        self.keys, self.levels = atlas_of(load(run), device)
        self.names = [*words.COLOURS, *words.SCENES[:run.config.scenes]]
        self.backdrops = backdrop_bank(self.names, self.size, device, variants)

    def plans(self, count):
        out = []
        while len(out) < count:
            plan = self.grammar.plan(self.r)
            if all((t.style, t.noun, t.tint) in self.keys for t in plan.things):
                out.append(plan)
        return out

    def batch(self, count):
        plans = self.plans(count)
        return self.draw(plans), plans

    def draw(self, plans):
        rows = [self.names.index(p.backdrop) * self.variants + p.seed % self.variants for p in plans]
        image = self.backdrops[torch.tensor(rows, device=self.device)].float()
        image = image + torch.randn(len(plans), 3, 1, 1, device=self.device) * 4
        for slot in range(max(len(p.things) for p in plans)):
            image = self.place(image, plans, slot)
        image = looks(image.clamp(0, 255), plans)
        return image.clamp(0, 255).div(127.5).sub(1)

    def place(self, image, plans, slot):
        """Composes the things number `slot` of all plans, level by level of the atlas."""
        image = image.clone()
        for level, atlas in enumerate(self.levels):
            chosen = [i for i, p in enumerate(plans) if slot < len(p.things) and self.level_of(p.things[slot].size) == level]
            if not chosen:
                continue
            things = [plans[i].things[slot] for i in chosen]
            at = torch.tensor(chosen, device=self.device)
            sprites = atlas[torch.tensor([self.keys[t.style, t.noun, t.tint] for t in things], device=self.device)].float()
            scale = torch.tensor([1 / t.size for t in things])
            theta = torch.zeros(len(things), 2, 3)
            theta[:, 0, 0] = theta[:, 1, 1] = scale
            theta[:, 0, 2] = torch.tensor([(1 - 2 * t.x) / t.size for t in things])
            theta[:, 1, 2] = torch.tensor([(1 - 2 * t.y) / t.size for t in things])
            grid = F.affine_grid(theta.to(self.device), (len(things), 4, self.size, self.size), align_corners=False)
            drawn = F.grid_sample(sprites, grid, mode='bilinear', padding_mode='zeros', align_corners=False)
            image[at] = image[at] * (1 - drawn[:, 3:] / 255) + drawn[:, :3]
        return image

    def level_of(self, size):
        """The level whose sprites are at least as large as they are drawn (but for rounding)."""
        ratio = self.levels[0].shape[-1] / max(1., size * self.size)
        return min(LEVELS - 1, max(0, int(math.log2(ratio) + .15)))


def looks(image, plans):
    """The pictures of plans that have a look (words.LOOKS), in it."""
    image = image.clone()
    for name in words.LOOKS:
        chosen = [i for i, p in enumerate(plans) if p.look == name]
        if chosen:
            at = torch.tensor(chosen, device=image.device)
            image[at] = look_of(image[at], name)
    return image


def look_of(x, name):
    weights = torch.tensor([.299, .587, .114], device=x.device).view(1, 3, 1, 1)
    gray = (x * weights).sum(1, keepdim=True)
    if name == 'black and white':
        return gray.expand_as(x)
    if name == 'sepia':
        return gray * torch.tensor([1.07, .86, .63], device=x.device).view(1, 3, 1, 1)
    if name == 'pixel art':
        return F.interpolate((F.avg_pool2d(x, x.shape[-1] // 32) / 32).round() * 32, scale_factor=x.shape[-1] // 32, mode='nearest')
    source = gray if name == 'sketch' else x
    edges = F.pad((source[..., 1:, :] - source[..., :-1, :]).abs(), (0, 0, 1, 0)) + F.pad((source[..., 1:] - source[..., :-1]).abs(), (1, 0))
    if name == 'sketch':
        return (245 - (edges * 5).clamp(0, 215)).expand_as(x)
    if name == 'neon':
        return (edges * 5).clamp(0, 255) + torch.tensor([14., 8., 30.], device=x.device).view(1, 3, 1, 1)
    paper = F.interpolate(torch.randn(len(x), 1, x.shape[-1] // 4, x.shape[-1] // 4, device=x.device) * 9, scale_factor=4, mode='nearest')
    return 255 - (255 - x) * .72 + paper
