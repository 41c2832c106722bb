"""Draws plans on the CPU: premultiplied sprites over numpy backdrops. About 1.5 ms a picture of 128 x 128."""
import random

import numpy as np
from PIL import Image

from . import backdrops, words
from .grammar import Grammar
from .sprites import load


def put(image, sprite, thing):
    """Composes a premultiplied sprite over the float image, cut at the edges."""
    size = len(image)
    width = max(8, round(thing.size * size))
    drawn = np.asarray(sprite.resize((width, width), Image.LANCZOS)).astype(np.float32)
    x0, y0 = round(thing.x * size - width / 2), round(thing.y * size - width / 2)
    left, top, right, bottom = max(0, x0), max(0, y0), min(size, x0 + width), min(size, y0 + width)
    part = drawn[top - y0:bottom - y0, left - x0:right - x0]
    image[top:bottom, left:right] = image[top:bottom, left:right] * (1 - part[..., 3:] / 255) + part[..., :3]


def look_of(image, look, r):
    """The picture in one of words.LOOKS."""
    gray = (image @ np.array([.299, .587, .114], np.float32))[..., None]
    if look == 'black and white':
        return np.repeat(gray, 3, -1)
    if look == 'sepia':
        return gray * np.array([1.07, .86, .63], np.float32)
    if look == 'pixel art':
        size, cell = len(image), len(image) // 32
        small = image.reshape(size // cell, cell, size // cell, cell, 3).mean((1, 3))
        return np.round(small / 32).repeat(cell, 0).repeat(cell, 1) * 32
    if look == 'sketch':
        edges = np.abs(np.diff(gray, axis=0, prepend=gray[:1])) + np.abs(np.diff(gray, axis=1, prepend=gray[:, :1]))
        return np.repeat(245 - np.clip(edges * 5, 0, 215), 3, -1)
    if look == 'neon':
        edges = np.abs(np.diff(image, axis=0, prepend=image[:1])) + np.abs(np.diff(image, axis=1, prepend=image[:, :1]))
        return np.clip(edges * 5, 0, 255) + np.array([14, 8, 30], np.float32)
    paper = np.random.default_rng(r.getrandbits(32)).normal(0, 9, (len(image) // 4, len(image) // 4, 1)).repeat(4, 0).repeat(4, 1)
    return 255 - (255 - image) * .72 + paper.astype(np.float32)


def draw(plan, bank, size):
    """The picture of a plan as uint8 [size, size, 3]."""
    r = random.Random(plan.seed)
    if plan.backdrop in words.COLOURS:
        image = backdrops.plain(plan.backdrop, size, r)
    else:
        image = backdrops.scene(plan.backdrop, size, r).astype(np.float32)
    for thing in plan.things:
        put(image, bank[thing.style, thing.noun, thing.tint], thing)
    if plan.look:
        image = look_of(image.clip(0, 255), plan.look, r)
    return image.clip(0, 255).astype(np.uint8)


class Composer:
    """Makes (picture, plan) pairs of one grammar."""

    def __init__(self, run, **grammar):
        self.bank, self.size, self.grammar = load(run), run.config.size, Grammar(run.config, **grammar)

    def make(self, r):
        while True:
            plan = self.grammar.plan(r)
            if all((thing.style, thing.noun, thing.tint) in self.bank for thing in plan.things):
                return draw(plan, self.bank, self.size), plan

    def batch(self, r, count):
        """`count` pictures as uint8 [count, size, size, 3] and their plans."""
        pictures, plans = zip(*[self.make(r) for _ in range(count)])
        return np.stack(pictures), list(plans)
