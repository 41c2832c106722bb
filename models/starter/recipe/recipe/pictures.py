"""The bank: composed pictures on disk, from which the autoencoder and the judge draw their batches.

Composing costs more than reading, so banks are made once by two processes: `bank/train.npy` (uint8 [N, S, S, 3]) with the plans
beside it, `bank/more.npy` of the same kind for the judge, and `bank/fresh.npy`, 512 compositions that only validation reads.
"""
import multiprocessing
import os
import pickle
import random

import numpy as np

from .render import Composer

FRESH = 512


def _part(job):
    run, seed, count, grammar, niceness = job
    os.nice(niceness)
    return Composer(run, **grammar).batch(random.Random(seed), count)


def compose_many(run, seed, count, grammar=None, processes=2, niceness=0):
    """`count` pictures of the grammar and their plans, made by several processes; the same for the same seed and processes."""
    share = -(-count // processes)
    jobs = [(run, seed * 1000 + i, min(share, count - i * share), grammar or {}, niceness) for i in range(processes)]
    with multiprocessing.get_context('spawn').Pool(processes) as pool:
        parts = pool.map(_part, jobs)
    return np.concatenate([part[0] for part in parts]), [plan for part in parts for plan in part[1]]


def make(run, processes=2):
    """Makes the banks of the run, unless they are there."""
    for name, seed, count in (('fresh', 999, min(FRESH, run.config.bank)), ('train', 1, run.config.bank), ('more', 2, run.config.bank)):
        if os.path.exists(run.path('bank', f'{name}.pkl')):
            continue
        pictures, plans = compose_many(run, seed, count, processes=processes)
        np.save(run.path('bank', f'{name}.npy'), pictures)
        with open(run.path('bank', f'{name}.pkl'), 'wb') as file:
            pickle.dump(plans, file)
        run.log('pictures', bank=name, pictures=len(plans))


def load(run, name):
    """A bank: pictures (memory-mapped) and plans."""
    with open(run.path('bank', f'{name}.pkl'), 'rb') as file:
        return np.load(run.path('bank', f'{name}.npy'), mmap_mode='r'), pickle.load(file)
