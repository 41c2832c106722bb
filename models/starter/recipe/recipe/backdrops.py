"""Backdrops: plain colours and procedural scenes, drawn with numpy as float32 [S, S, 3] in 0..255."""
import functools

import numpy as np

from .words import COLOURS

SKY_AND_GROUND = {   # top and bottom of the sky, top and bottom of the ground
    'on the grass': ((130, 195, 245), (215, 238, 252), (110, 190, 80), (60, 140, 55)),
    'at the beach': ((120, 200, 245), (190, 230, 250), (240, 215, 150), (225, 190, 120)),
    'at night': ((10, 15, 50), (40, 50, 110), (25, 45, 40), (12, 25, 25)),
    'in the snow': ((170, 195, 220), (220, 230, 240), (248, 250, 252), (225, 235, 245)),
    'at sunset': ((120, 60, 140), (250, 160, 80), (70, 45, 60), (40, 25, 40)),
    'in the desert': ((250, 200, 120), (252, 228, 180), (225, 160, 90), (190, 120, 60)),
    'in the forest': ((150, 200, 190), (190, 225, 190), (70, 110, 50), (45, 75, 35)),
    'in the city': ((150, 185, 225), (225, 220, 225), (95, 95, 105), (70, 70, 80)),
    'in the rain': ((90, 100, 115), (140, 150, 160), (80, 95, 90), (55, 65, 65)),
    'in the mountains': ((110, 175, 235), (205, 230, 250), (120, 170, 90), (80, 130, 65)),
    'on a stage': ((60, 12, 25), (120, 20, 40), (150, 100, 60), (100, 60, 35))}


@functools.cache
def grid(size):
    """Row and column of each pixel as parts of the size, two float32 [size, size]."""
    rows, columns = np.mgrid[0:size, 0:size].astype(np.float32) / size
    return rows, columns


def jitter(colour, r, amount=12):
    """A colour near `colour`."""
    return tuple(np.clip(np.array(colour) + [r.randint(-amount, amount) for _ in range(3)], 0, 255))


def gradient(size, top, bottom):
    """A vertical gradient."""
    rows = grid(size)[0][..., None]
    return np.array(top, np.float32) * (1 - rows) + np.array(bottom, np.float32) * rows


def stars(image, r, count, height):
    """Adds `count` soft stars to the upper part (`height`, 0..1) of the image."""
    size = len(image)
    rows, columns = grid(size)
    unit = size / 128
    for _ in range(count):
        x, y, brightness = r.uniform(1, size - 2), r.uniform(1, height * size - 2), r.uniform(.5, 1)
        near = np.exp(-(((columns * size - x) ** 2 + (rows * size - y) ** 2) / (.9 * unit ** 2)))[..., None] * brightness
        image = image * (1 - near) + 255 * near
    return image


def plain(colour, size, r):
    """One of the plain colours, slightly varied."""
    return np.broadcast_to(np.array(jitter(COLOURS[colour], r, 8), np.float32), (size, size, 3)).copy()


def sky(size, r):
    rows, columns = grid(size)
    image = gradient(size, jitter((90, 170, 240), r), jitter((200, 230, 250), r))
    for _ in range(r.randint(1, 3)):
        x, y = r.random(), r.uniform(.1, .9)
        for puff in range(4):
            cloud = np.exp(-(((columns - x - .08 * (puff - 1.5)) / .09) ** 2 + ((rows - y) / .05) ** 2) ** 2)[..., None]
            image = image * (1 - cloud * .8) + 250 * cloud * .8
    return image


def sea(size, r):
    rows, columns = grid(size)
    image = gradient(size, jitter((40, 150, 200), r), jitter((10, 50, 110), r))
    for _ in range(8):
        x, y, radius = r.random(), r.random(), r.uniform(.012, .028)
        bubble = np.clip(1.5 - np.abs(np.sqrt((columns - x) ** 2 + (rows - y) ** 2) - radius) * 128, 0, 1)[..., None]
        image = image * (1 - .6 * bubble) + 220 * .6 * bubble
    return image


def room(size, r):
    rows, columns = grid(size)
    wall = jitter(r.choice([(235, 215, 190), (190, 215, 225), (225, 200, 210)]), r)
    floor, height = jitter((170, 120, 80), r), r.uniform(.68, .76)
    below = np.clip((rows - height) * size + .5, 0, 1)[..., None]
    planks = ((np.floor(columns * 8 + .5 * np.floor((rows - height) * 10)) % 2) * 10)[..., None]
    image = np.array(wall, np.float32) * (1 - .12 * rows[..., None]) * (1 - below) + (np.array(floor, np.float32) - planks) * below
    skirting = np.clip(1.5 - np.abs(rows - height) * 128 / 1.5, 0, 1)[..., None]
    return image * (1 - skirting) + 245 * skirting


def behind_the_horizon(name, image, line, r):
    """What stands on the horizon: trees, houses, mountains, curtains, rain."""
    size = len(image)
    rows, columns = grid(size)
    if name == 'in the forest':
        for _ in range(9):
            x, width, top = r.random(), r.uniform(.05, .09), r.uniform(.05, .3)
            tree = np.clip((1 - np.abs(columns - x) / (width * np.clip((rows - top) / .3, 0, 1) + 1e-3)) * 6, 0, 1)[..., None]
            tree = tree * (rows < line + .04)[..., None]
            image = image * (1 - tree) + np.array(jitter((40, 100, 60), r), np.float32) * tree
    if name == 'in the city':
        for block in range(7):
            x, top = block / 7, r.uniform(.12, .42)
            house = ((columns >= x) & (columns < x + r.uniform(.1, .14)) & (rows > top) & (rows < line + .02))[..., None]
            windows = ((np.floor(columns * 42) % 2) * (np.floor(rows * 30) % 2))[..., None]
            image = np.where(house, np.array(jitter((120, 125, 145), r), np.float32) + 70 * windows, image)
    if name == 'in the mountains':
        for _ in range(4):
            x, top, slope = r.random(), r.uniform(.1, .3), r.uniform(.8, 1.4)
            peak = np.clip((rows - top - slope * np.abs(columns - x)) * size + .5, 0, 1)[..., None] * (rows < line + .04)[..., None]
            snow = np.clip((top + .1 - rows) * size + .5, 0, 1)[..., None]
            image = image * (1 - peak) + (np.array((110, 115, 135), np.float32) * (1 - snow) + 245 * snow) * peak
    if name == 'in the rain':
        for _ in range(30):
            x, y, length = r.random(), r.random(), r.uniform(.04, .09)
            drop = (np.abs(columns - x + .3 * (rows - y)) < .006) & (np.abs(rows - y) < length)
            image = image + 45 * drop[..., None]
    if name == 'on a stage':
        folds = (np.sin(columns * 60) * 14)[..., None] * (rows < line)[..., None]
        light = np.exp(-((columns - .5) ** 2 / .05 + (rows - .6) ** 2 / .12))[..., None]
        image = image + folds + 70 * light
    return image


def landscape(name, size, r):
    rows, columns = grid(size)
    sky_top, sky_bottom, ground_top, ground_bottom = SKY_AND_GROUND[name]
    height, wavy = r.uniform(.5, .72), name not in ('at the beach', 'in the city', 'on a stage')
    line = height + (.035 if name == 'in the desert' else .02) * np.sin(columns * r.uniform(4, 9) + r.random() * 6) * wavy
    depth = np.clip((rows - line) / (1 - height + 1e-3), 0, 1)[..., None]
    below = np.clip((rows - line) * size + .5, 0, 1)[..., None]
    ground = np.array(jitter(ground_top, r)) * (1 - depth) + np.array(jitter(ground_bottom, r)) * depth
    image = gradient(size, jitter(sky_top, r), jitter(sky_bottom, r)) * (1 - below) + ground * below
    if name == 'at the beach':
        water = (np.clip((rows - height + .12) * size + .5, 0, 1) * np.clip((height - rows) * size + .5, 0, 1))[..., None]
        image = image * (1 - water) + np.array((50, 140, 190)) * water
    if name == 'at night':
        return stars(image, r, 12, .45)
    return behind_the_horizon(name, image, line, r)


def scene(name, size, r):
    """The scene `name` (one of words.SCENES)."""
    if name == 'in the sky':
        return sky(size, r)
    if name == 'in space':
        return stars(gradient(size, jitter((8, 6, 25), r, 5), jitter((30, 15, 60), r, 5)), r, 22, 1)
    if name == 'under the sea':
        return sea(size, r)
    if name == 'in a room':
        return room(size, r)
    return landscape(name, size, r)
