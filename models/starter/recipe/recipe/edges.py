"""Edge pictures: Canny's detector (1986) in batches, with the smoothing and the thresholds that the app takes (main/imaging/canny.ts)."""
import math

import numpy as np
import torch
import torch.nn.functional as F

SIGMA = 1.4
APP, FINE = (100., 200.), (30., 60.)        # thresholds: the app's, and finer ones that find the outline of most things
STEPS = ((1, 0), (1, 1), (0, 1), (-1, 1))   # (x, y) along the four directions of a gradient


def padded(x, by):
    return F.pad(x, (by, by, by, by), mode='replicate')


def smooth(grey):
    radius = math.ceil(3 * SIGMA)
    weights = torch.exp(-torch.arange(-radius, radius + 1.) ** 2 / (2 * SIGMA ** 2))
    weights /= weights.sum()
    wide = padded(grey, radius)
    return F.conv2d(F.conv2d(wide, weights.view(1, 1, 1, -1)), weights.view(1, 1, -1, 1))


def ridges(grey):
    """The gradient's length where it is the largest across its edge, 0 elsewhere."""
    across = torch.tensor([[-1., 0, 1], [-2, 0, 2], [-1, 0, 1]]).view(1, 1, 3, 3)
    x, y = F.conv2d(padded(grey, 1), across), F.conv2d(padded(grey, 1), across.transpose(2, 3))
    length = torch.hypot(x, y)
    direction = (torch.round(torch.atan2(y, x) / (math.pi / 4)) + 4) % 4
    wide, size, kept = F.pad(length, (1, 1, 1, 1)), length.shape[2:], torch.zeros_like(length)
    for number, (dx, dy) in enumerate(STEPS):
        ahead = wide[:, :, 1 + dy:1 + dy + size[0], 1 + dx:1 + dx + size[1]]
        behind = wide[:, :, 1 - dy:1 - dy + size[0], 1 - dx:1 - dx + size[1]]
        kept += length * ((direction == number) & (length > ahead) & (length >= behind))
    return kept


def gradient(pictures):
    """uint8 [N, H, W, 3] -> the ridges of their grey gradients, float32 array [N, H, W]."""
    grey = (torch.from_numpy(pictures).float() @ torch.tensor([.299, .587, .114])).round()[:, None]
    return ridges(smooth(grey))[:, 0].numpy()


def follow(ridge, low, high):
    """Hysteresis: from every strong pixel of a gradient on through its weak neighbours; a bool tensor [N, H, W], True on edges."""
    wide = np.pad(ridge, ((0, 0), (1, 1), (1, 1)))
    weak, edges, row = (wide >= low).ravel(), (wide >= high).ravel(), wide.shape[2]
    around = np.array([dy * row + dx for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dx or dy])
    open_ = np.flatnonzero(edges)
    while len(open_):
        near = (open_[:, None] + around).ravel()
        open_ = np.unique(near[weak[near] & ~edges[near]])
        edges[open_] = True
    return torch.from_numpy(edges.reshape(wide.shape)[:, 1:-1, 1:-1].copy())


def canny(pictures, thresholds):
    return follow(gradient(pictures), *thresholds)


def agreement(found, wanted, tolerance=1):
    """Precision, recall and F1 of edge pictures [N, H, W], where pixels up to `tolerance` apart agree; means over N."""
    near = lambda x: F.max_pool2d(x[:, None].float(), 2 * tolerance + 1, 1, tolerance)[:, 0] > 0
    total = lambda x: x.flatten(1).sum(1).clamp(min=1)
    precision, recall = total(found & near(wanted)) / total(found), total(wanted & near(found)) / total(wanted)
    f1 = 2 * precision * recall / (precision + recall).clamp(min=1e-6)
    return {name: round(value.mean().item(), 4) for name, value in (('precision', precision), ('recall', recall), ('f1', f1))}
