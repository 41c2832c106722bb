"""The sprites: drawn from icon packages by sprites.mjs, loaded premultiplied, repainted where a thing's colour is arbitrary."""
import json
import os
import subprocess

import numpy as np
from PIL import Image

from .config import HERE, PACKAGES, concepts
from .words import HUES, TINTED


def file_of(folder, style, noun):
    return os.path.join(folder, 'sprites', style, noun.replace(' ', '_') + '.png')


def make(run, icons):
    """Draws the sprites of a run with Node. `icons` is the folder whose node_modules holds the icon packages."""
    words = run.path('words.json')
    with open(words, 'w') as file:
        json.dump(concepts(run.config), file)
    styles = [f'{style}={PACKAGES[style]}' for style in run.config.styles]
    script = os.path.join(os.path.dirname(HERE), 'sprites.mjs')
    subprocess.run(['node', script, words, run.path('sprites', '.')[:-2], str(run.config.sprite_pixels), *styles], cwd=icons, check=True)


def hue_distance(hue, target):
    return np.abs((hue - target + 180) % 360 - 180)


def hsv(rgba):
    """Hue (degrees), saturation and value (0..255) as float32 [h, w, 3]."""
    parts = np.asarray(Image.fromarray(rgba[..., :3]).convert('HSV')).astype(np.float32)
    parts[..., 0] *= 360 / 256
    return parts


def dominant_hue(rgba):
    """The hue (degrees) that most saturated pixels of a drawing are near."""
    parts = hsv(rgba)
    seen = (rgba[..., 3] > 128) & (parts[..., 1] > 60)
    bins = np.bincount((parts[..., 0][seen] / 10).astype(int) % 36, minlength=36)
    around = np.convolve(np.r_[bins[-2:], bins, bins[:2]], np.ones(5), 'valid')
    return float(around.argmax() * 10 + 5)


def repaint(rgba, source, target):
    """Turns saturated pixels within 45 degrees of the hue `source` to the hue `target`."""
    parts = hsv(rgba)
    near = (hue_distance(parts[..., 0], source) < 45) & (parts[..., 1] > 60)
    parts[..., 0] = np.where(near, (parts[..., 0] + target - source) % 360, parts[..., 0])
    if target in (HUES['yellow'], HUES['orange']):   # dark yellow reads as brown
        gain = np.clip(215 / max(1., float(parts[..., 2][near & (rgba[..., 3] > 128)].mean())), 1.12, 2.)
        parts[..., 2] = np.where(near, np.clip(parts[..., 2] * gain, 0, 255), parts[..., 2])
    parts[..., 0] *= 256 / 360
    rgb = Image.fromarray(parts.clip(0, 255).astype(np.uint8), 'HSV').convert('RGB')
    return np.concatenate([np.asarray(rgb), rgba[..., 3:]], -1)


def load(run):
    """The bank of sprites: (style, noun, tint or '') -> premultiplied PIL image."""
    bank = {}
    for style in run.config.styles:
        for noun in concepts(run.config):
            path = file_of(run.folder, style, noun)
            if not os.path.exists(path):
                continue
            rgba = np.asarray(Image.open(path).convert('RGBA'))
            bank[style, noun, ''] = Image.fromarray(rgba, 'RGBA').convert('RGBa')
            if noun not in TINTED:
                continue
            source = TINTED[noun] if style == '3d' else dominant_hue(rgba)
            for tint, hue in HUES.items():
                bank[style, noun, tint] = Image.fromarray(repaint(rgba, source, hue), 'RGBA').convert('RGBa')
    return bank
