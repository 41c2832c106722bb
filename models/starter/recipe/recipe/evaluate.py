"""Measures a model with the judge and writes `metrics.json`: guidance, samplers and steps, held-out combinations, distances.

Captions come from the grammar with seeds that training never used. `train` captions use combinations that training draws,
`heldout` ones only combinations of noun, backdrop and tint that it never drew.
"""
import json
import os
import random
import time

import numpy as np
from PIL import Image

from . import judge, pictures, train_autoencoder
from .config import DATA, concepts
from .painters import OnnxPainter, TorchPainter
from .render import Composer
from .words import TINTED

GUIDANCES = [1, 2, 3, 4, 5, 6, 7, 8]
SAMPLERS = [('ddim', 5), ('ddim', 10), ('ddim', 20), ('ddim', 50), ('euler', 20), ('dpmpp-2m', 4), ('dpmpp-2m', 6), ('dpmpp-2m', 10), ('dpmpp-2m', 15), ('dpmpp-2m', 20)]
EARLIER_TINTED = (   # what version 0 was taught to tint
    'car', 'balloon', 'heart', 'umbrella', 'bird', 'tulip', 'rose', 'flower', 'gift', 'book', 'tractor', 'tent', 'mushroom', 'fish', 'butterfly',
    'dragon', 'guitar', 'helicopter', 'diamond', 'star')
SEEDS = {'train': 77, 'heldout': 79}


def compositions(run, split, count, seed=None, **grammar):
    """Real pictures and plans of a split."""
    return Composer(run, split=split, **grammar).batch(random.Random(SEEDS.get(split, 78) if seed is None else seed), count)


def measure(run, net, painter, made, plans, nouns=None, **settings):
    """Figures and Frechet distance of pictures drawn for the captions of the plans."""
    start = time.time()
    drawn = painter([plan.caption for plan in plans], **settings)
    facts = judge.figures(net, drawn, plans, nouns)
    distance = judge.frechet(judge.read(net, drawn)[1], judge.read(net, made)[1])
    return settings | facts | dict(frechet=round(distance, 3), seconds=round(time.time() - start))


def quick(run, count=256, **settings):
    """A glance at the weights of the moment, while they train."""
    net, painter = judge.load(run), TorchPainter(run)
    out = {}
    for split in ('train', 'heldout'):
        made, plans = compositions(run, split, count)
        out[split] = measure(run, net, painter, made, plans, **settings)
        run.log('quick', split=split, **out[split])
    return out


def loss_curve(run, points=60):
    """The denoiser's loss by samples seen, thinned."""
    path = run.path('logs', 'denoiser.jsonl')
    lines = [json.loads(line) for line in open(path)] if os.path.exists(path) else []
    lines = [line for line in lines if 'loss' in line]
    step = max(1, len(lines) // points)
    return [dict(samples=line['samples'], minutes=round(line['seconds'] / 60, 1), loss=line['loss']) for line in lines[::step]]


class Figures:
    """Figures by name, written to a file of the run as they come."""

    def __init__(self, run, part):
        self.run, self.path, self.values = run, run.path(f'metrics-{part}.json'), {}

    def keep(self, name, value):
        self.values[name] = value
        self.run.log('evaluate', **{name: value})
        with open(self.path, 'w') as file:
            json.dump(self.values, file, indent=1)


def torch_painter(run):
    """The weights as they are stored where there was an export, else as they were trained."""
    return TorchPainter(run, 'weights' if os.path.isdir(run.path('weights', 'unet')) else 'model')


def main_figures(run, exported, settings, count):
    """What the card says: training's combinations, held-out ones, autoencoder. `exported` is the ONNX folder, else torch draws."""
    net, figures = judge.load(run), Figures(run, 'main')
    painter = OnnxPainter(exported) if exported else torch_painter(run)
    figures.keep('recommended', settings)
    real, plans = compositions(run, 'train', count)
    figures.keep('train', measure(run, net, painter, real, plans, **settings))
    held, held_plans = compositions(run, 'heldout', count)
    figures.keep('heldout', measure(run, net, painter, held, held_plans, **settings))
    if run.config.nouns_before:   # the weights that the run went on from had no hold-out: these nouns they never saw
        new = list(concepts(run.config))[run.config.nouns_before:]
        figures.keep('heldout_new', measure(run, net, painter, *compositions(run, 'heldout', count // 2, nouns=new), **settings))
    encoder, decoder, _ = train_autoencoder.load(run)
    fresh, _ = pictures.load(run, 'fresh')
    psnr, ssim, deviation, _ = train_autoencoder.quality(encoder, decoder, fresh[:128], similarity=True)
    figures.keep('autoencoder', dict(psnr=round(psnr, 2), ssim=round(ssim, 4), latent_deviation=round(deviation, 3)))
    figures.keep('real', judge.figures(net, real, plans))
    figures.keep('real_heldout', judge.figures(net, held, held_plans))
    other, _ = compositions(run, 'train', count, seed=1078)
    figures.keep('frechet_floor', round(judge.frechet(judge.read(net, real)[1], judge.read(net, other)[1]), 3))


def sweeps(run, settings, count):
    """The curves, read from torch: guidance, samplers and steps; the judge on real pictures; loss."""
    net, figures, painter = judge.load(run), Figures(run, 'sweeps'), torch_painter(run)
    real, plans = compositions(run, 'train', count)
    every = None if count > 32 else 2
    figures.keep('by_guidance', [measure(run, net, painter, real, plans, **settings | dict(guidance=float(g))) for g in GUIDANCES[:every]])
    figures.keep('by_sampler', [measure(run, net, painter, real, plans, **settings | dict(sampler=s, steps=n)) for s, n in SAMPLERS[:every]])
    figures.keep('judge_on_real', judge.ceiling(run, net))
    figures.keep('loss', loss_curve(run))


def evaluate(run, exported=None, guidance=4., steps=20, sampler='ddim', count=None, part=None):
    """All figures of a run, or one part of them ('main' or 'sweeps', which may run side by side); joins them in `metrics.json`."""
    count, settings = count or run.config.evaluated, dict(guidance=guidance, steps=steps, sampler=sampler)
    if part != 'sweeps':
        main_figures(run, exported, settings, count)
    if part != 'main':
        sweeps(run, settings, max(8, count // 2))
    join(run)


def join(run):
    metrics = dict(config=run.config.name)
    for part in ('main', 'sweeps'):
        if os.path.exists(run.path(f'metrics-{part}.json')):
            with open(run.path(f'metrics-{part}.json')) as file:
                metrics |= json.load(file)
    with open(run.path('metrics.json'), 'w') as file:
        json.dump(metrics, file, indent=1)
    return metrics


def sheet(painter, prompts, path, columns=8, seed=1, **settings):
    """A contact sheet of prompts."""
    drawn = painter(prompts, seed=seed, **settings)
    rows = [np.concatenate(list(drawn[i:i + columns]), 1) for i in range(0, len(drawn), columns)]
    Image.fromarray(np.concatenate(rows)).save(path)


def fixed_sheet(exported, path, **settings):
    """The contact sheet of data/prompts.json, drawn by an exported folder."""
    with open(os.path.join(DATA, 'prompts.json')) as file:
        sheet(OnnxPainter(exported), json.load(file), path, **settings)


def beside_real(run, painter, path, rows=6, **settings):
    """Real compositions (left of each pair) beside what the model draws for their captions."""
    made, plans = compositions(run, 'any', rows * 4, seed=55)
    drawn = painter([plan.caption for plan in plans], seed=2, **settings)
    pairs = [np.concatenate([a, b], 1) for a, b in zip(made, drawn)]
    Image.fromarray(np.concatenate([np.concatenate(pairs[i:i + 4], 1) for i in range(0, len(pairs), 4)])).save(path)


def earlier(run, folder, count):
    """An exported earlier version on its own nouns and its own grammar (no synonyms) under this run's judge."""
    with open(os.path.join(folder, 'known_words.json')) as file:
        nouns = json.load(file)['nouns']
    net, painter = judge.load(run), OnnxPainter(folder)
    made, plans = compositions(run, 'any', count, seed=77, nouns=nouns, synonyms=0.)
    new_tints = set(TINTED) - set(EARLIER_TINTED)
    keep = [i for i, plan in enumerate(plans) if not any(thing.tint and thing.noun in new_tints for thing in plan.things)]
    made, plans = made[keep], [plans[i] for i in keep]
    found = dict(real=judge.figures(net, made, plans, nouns))
    for guidance in (2., 4.):
        found[f'guidance_{guidance:g}'] = measure(run, net, painter, made, plans, nouns, guidance=guidance, steps=20, sampler='ddim')
        run.log('version0', guidance=guidance, **{k: v for k, v in found[f'guidance_{guidance:g}'].items() if k != 'guidance'})
    with open(run.path('version0.json'), 'w') as file:
        json.dump(found, file, indent=1)
