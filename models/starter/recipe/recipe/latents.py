"""Encoded training pictures in shards: composing and encoding cost ten times less than training, so they are done once.

Several processes may make shards at the same time, also while the denoiser trains: it picks up new ones as they appear.
A shard holds scaled latents (fp16), token ids and three flags (two things; a tint is said; a noun that the weights of a warm
start do not know) that the sampling mix uses.
"""
import glob
import os
import random
import time

import numpy as np
import torch

from . import train_autoencoder
from .config import concepts
from .render import Composer
from .tokenizer import Tokenizer
from .training import save, to_input

PART = 100
FLAGS = ('pair', 'tint', 'new')   # bit 0, 1, 2 of a picture's flags


def flags_of(plan, new=()):
    """The flags of a plan, as bits; `new` are the nouns that a warm start does not know."""
    facts = (len(plan.nouns) == 2, any(thing.tint for thing in plan.things), any(noun in new for noun in plan.nouns))
    return sum(fact << bit for bit, fact in enumerate(facts))


def make(run, worker=0, workers=1, threads=1, first=0, count=None):
    """Makes the missing shards among those of this worker; `first` and `count` number the shards of the run."""
    torch.set_num_threads(threads)
    encoder, _, scale = train_autoencoder.load(run)
    tokenizer, composer = Tokenizer(run.path('model', 'tokenizer')), Composer(run)
    new = frozenset(list(concepts(run.config))[run.config.nouns_before:]) if run.config.nouns_before else frozenset()
    total = count or -(-run.config.latents // run.config.shard)
    for shard in range(first, first + total):
        path = run.path('latents', f'{shard:04}.pt')
        if shard % workers != worker or os.path.exists(path):
            continue
        start, latents, ids, flags = time.time(), [], [], []
        r = random.Random(700_000 + shard)
        while len(ids) < run.config.shard:
            pictures, plans = composer.batch(r, min(PART, run.config.shard - len(ids)))
            with torch.no_grad(), torch.autocast('cpu', torch.bfloat16):
                latents.append((encoder(to_input(pictures)).float() * scale).half())
            ids += [tokenizer(plan.caption) for plan in plans]
            flags += [flags_of(plan, new) for plan in plans]
        save(dict(latents=torch.cat(latents), ids=torch.tensor(ids, dtype=torch.int16), flags=torch.tensor(flags, dtype=torch.uint8)), path)
        run.log('latents', shard=shard, pictures=len(ids), pictures_a_second=round(len(ids) / (time.time() - start), 1))


class Store:
    """All shards that are there, drawn from at random; `refresh` looks for new ones, `mix` weighs the flags."""

    def __init__(self, run, seed=0):
        self.run, self.paths, self.random, self.queue = run, [], np.random.default_rng(seed), []
        self.latents = self.ids = self.flags = None
        self.weights = dict.fromkeys(FLAGS, 1.)
        self.refresh()

    def refresh(self):
        new = sorted(set(glob.glob(self.run.path('latents', '*.pt'))) - set(self.paths))
        if not new:
            return
        parts = [torch.load(path) for path in new]
        for name in ('latents', 'ids', 'flags'):
            have = getattr(self, name)
            setattr(self, name, torch.cat(([] if have is None else [have]) + [part[name] for part in parts]))
        self.paths += new
        self.queue = []

    def mix(self, **weights):
        """How often pictures with a flag are drawn, against those without it; 1 where nothing is said."""
        wanted = dict.fromkeys(FLAGS, 1.) | weights
        if wanted != self.weights:
            self.weights, self.queue = wanted, []

    def batch(self, n):
        """Latents float32 [n, 4, h, w] and token ids int64 [n, 77]."""
        if len(self.queue) < n:
            flags = self.flags.numpy()
            weights = np.prod([np.where(flags >> bit & 1, self.weights[name], 1.) for bit, name in enumerate(FLAGS)], axis=0)
            if weights.min() == weights.max():
                self.queue = self.random.permutation(len(flags))
            else:
                self.queue = self.random.choice(len(flags), len(flags), p=weights / weights.sum())
        pick, self.queue = torch.from_numpy(self.queue[:n].copy()), self.queue[n:]
        return self.latents[pick].float(), self.ids[pick].long()
