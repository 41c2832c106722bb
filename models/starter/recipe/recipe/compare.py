"""Compares the two objectives at an equal small budget: the same small networks from nothing, data, steps and judge.

Each is drawn with the sampler that belongs to it (DDIM for v, Euler for the flow) at the same guidance and steps.
"""
import json

from . import judge
from .config import concepts
from .evaluate import compositions, measure
from .painters import FlowPainter, TorchPainter
from .train_denoiser import train

GUIDANCES = (3.,)
STEPS = (5, 20)


def compare(run, judged_by, count=160):
    """`run` has its autoencoder, tokenizer and latents; `judged_by` is the run whose judge reads the pictures (it knows more nouns)."""
    net, rows = judge.load(judged_by), []
    made, plans = compositions(run, 'train', count, synonyms=0.)
    for objective, painter in (('v', TorchPainter), ('flow', FlowPainter)):
        folder = f'model-{objective}'
        train(run, objective=objective, folder=folder, log=folder, steps=run.config.compared_steps)
        drawn_with = painter(run, folder)
        for guidance in GUIDANCES:
            for steps in STEPS:
                sampler = 'ddim' if objective == 'v' else 'euler'
                figures = measure(run, net, drawn_with, made, plans, list(concepts(run.config)), guidance=guidance, steps=steps, sampler=sampler)
                rows.append(dict(objective=objective) | figures)
                run.log('compare', **rows[-1])
    with open(run.path('compare.json'), 'w') as file:
        json.dump(rows, file, indent=1)
    return rows
