"""The judge: a classifier trained on real compositions that reads what a generated picture shows.

It looks at half-size pictures (noise and blur augmented, so that a decoder's softness is no mistake) and has heads for things,
backdrop, tint, position, size and count. A fact counts only where the caption states it: what was never said cannot be obeyed.
"""
import os
import random
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from . import pictures, words
from .config import concepts
from .render import Composer
from .training import Clock, save, to_input

PLACES, SIZES, TINTS, COUNTS = ['', *words.POSITIONS], ['', *words.SIZES], list(words.HUES), [1, *words.COUNTS]
INPUT = 64
FRESH_SEED = 321


def layer(inputs, outputs, stride):
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())


class Judge(nn.Module):
    """Pictures [N, 3, 64, 64] in -1..1 -> logits of every head."""

    def __init__(self, config):
        super().__init__()
        self.nouns, self.backdrops = list(concepts(config)), [*words.COLOURS, *words.SCENES[:config.scenes]]
        self.body = nn.Sequential(layer(3, 32, 2), layer(32, 64, 2), layer(64, 64, 1), layer(64, 128, 2), layer(128, 128, 1), layer(128, 192, 1))
        self.local = nn.Conv2d(192, len(self.nouns), 1)   # each place names what it sees; the surest place counts
        nn.init.zeros_(self.local.weight)
        nn.init.zeros_(self.local.bias)
        self.heads = nn.ModuleDict(dict(
            noun=nn.Linear(384, len(self.nouns)), backdrop=nn.Linear(384, len(self.backdrops)), tint=nn.Linear(384, len(TINTS)),
            position=nn.Linear(192 * 16, len(PLACES)), size=nn.Linear(192 * 16, len(SIZES)), count=nn.Linear(192 * 16, len(COUNTS))))

    def features(self, x):
        """The feature map and its pooled vector [N, 384], which the Frechet distance uses."""
        h = self.body(x)
        return h, torch.cat([h.mean((2, 3)), h.amax((2, 3))], 1)

    def forward(self, x):
        h, pooled = self.features(x)
        places = F.adaptive_avg_pool2d(h, 4).flatten(1)
        out = {name: head(pooled if head.in_features == 384 else places) for name, head in self.heads.items()}
        return out | {'noun': out['noun'] + self.local(h).amax((2, 3))}


def prepare(batch):
    """uint8 [N, S, S, 3] -> the judge's input."""
    return F.interpolate(to_input(batch), size=INPUT, mode='area')


def labels(net, plans):
    """Targets of every head. -1 where the head has nothing to say about a picture."""
    noun = torch.zeros(len(plans), len(net.nouns))
    out = {name: torch.full((len(plans),), -1) for name in ('backdrop', 'tint', 'position', 'size', 'count')}
    for i, plan in enumerate(plans):
        for name in plan.nouns:
            noun[i, net.nouns.index(name)] = 1
        out['backdrop'][i] = net.backdrops.index(plan.backdrop)
        if len(plan.nouns) == 1:
            out['count'][i] = COUNTS.index(plan.count)
            if plan.things[0].tint:
                out['tint'][i] = TINTS.index(plan.things[0].tint)
        if len(plan.things) == 1:
            out['position'][i], out['size'][i] = PLACES.index(plan.position), SIZES.index(plan.size)
    return out | {'noun': noun}


def augment(x):
    """Noise and blur, as a decoder may leave them, and a shift of a few pixels."""
    x = torch.roll(x, (random.randint(-2, 2), random.randint(-2, 2)), (2, 3))
    if random.random() < .4:
        x = F.interpolate(F.avg_pool2d(x, 2), size=INPUT, mode='bilinear')
    return x + torch.randn_like(x) * .06 * random.random()


def loss_of(net, x, target):
    out = net(x)
    loss = F.binary_cross_entropy_with_logits(out['noun'], target['noun']) * 40
    for name in ('backdrop', 'tint', 'position', 'size', 'count'):
        if (target[name] >= 0).any():
            loss = loss + F.cross_entropy(out[name], target[name], ignore_index=-1)
    return loss


def train(run, minutes=None, rate=2e-3):
    """Trains on the banks, shuffled each round, from the judge that is there; logs its accuracy on fresh compositions."""
    torch.manual_seed(0)
    torch.set_num_threads(max(1, min(8, len(os.sched_getaffinity(0)) // 2)))
    banks = [pictures.load(run, name) for name in ('train', 'more')]
    plans, first = banks[0][1] + banks[1][1], len(banks[0][1])
    net, kept = Judge(run.config), run.path('checkpoints', 'judge.pt')
    if os.path.exists(kept):
        net.load_state_dict(torch.load(kept), strict=False)
    optimiser = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=1e-3)
    clock, step, r, looked = Clock(minutes or run.config.judge_minutes), 0, np.random.default_rng(5), time.time()
    batch = min(64, len(plans))
    order = r.permutation(len(plans))
    while clock.done < 1:
        for group in optimiser.param_groups:
            group['lr'] = rate * min(1, (step + 1) / 50) * max(.01, 1 - clock.done)
        if len(order) < batch:
            order = r.permutation(len(plans))
        pick, order = np.sort(order[:batch]), order[batch:]
        made = np.concatenate([banks[0][0][pick[pick < first]], banks[1][0][pick[pick >= first] - first]])
        target = labels(net, [plans[i] for i in pick])
        with torch.autocast('cpu', torch.bfloat16):
            loss = loss_of(net, augment(prepare(made)), target)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        step += 1
        if time.time() - looked > 60:
            run.log('judge', seconds=round(clock.passed), step=step, loss=round(loss.item(), 4))
            looked = time.time()
            save(net.state_dict(), run.path('checkpoints', 'judge.pt'))
    net.eval()
    save(net.state_dict(), run.path('checkpoints', 'judge.pt'))
    run.log('judge', step=step, finished=True, real=ceiling(run, net))


def ceiling(run, net, count=1024):
    """The judge's own accuracy on fresh real compositions."""
    made, plans = Composer(run, split='any').batch(random.Random(FRESH_SEED), min(count, 8 * run.config.evaluated))
    return figures(net, made, plans)


def load(run):
    net = Judge(run.config)
    net.load_state_dict(torch.load(run.path('checkpoints', 'judge.pt')))
    return net.eval()


@torch.no_grad()
def read(net, batch):
    """Logits of every head and pooled features for uint8 pictures."""
    parts = [(net(x), net.features(x)[1]) for x in (prepare(batch[i:i + 64]) for i in range(0, len(batch), 64))]
    return {name: torch.cat([p[0][name] for p in parts]) for name in parts[0][0]}, torch.cat([p[1] for p in parts]).numpy()


def share(values):
    return round(float(np.mean(values)), 4) if len(values) else None


def figures(net, batch, plans, nouns=None):
    """Shares of pictures that obey, each over those whose caption states the fact. `nouns` narrows what may be answered."""
    out, _ = read(net, batch)
    if nouns is not None:
        out['noun'][:, [i for i, noun in enumerate(net.nouns) if noun not in nouns]] = -1e9
    target = labels(net, plans)
    best = {name: logits.argmax(1) for name, logits in out.items()}
    one = [i for i, plan in enumerate(plans) if len(plan.things) == 1]
    two = [i for i, plan in enumerate(plans) if len(plan.nouns) == 2]
    hit = [bool(target['noun'][i, best['noun'][i]]) for i in range(len(plans))]
    both = [set(out['noun'][i].topk(2).indices.tolist()) == set(target['noun'][i].nonzero().flatten().tolist()) for i in two]
    obeyed = lambda name, chosen: share([bool(best[name][i] == target[name][i]) for i in chosen])
    return dict(
        object=share([hit[i] for i in one]), backdrop=obeyed('backdrop', [i for i, p in enumerate(plans) if p.said_backdrop]),
        tint=obeyed('tint', [i for i in one if plans[i].things[0].tint]), position=obeyed('position', [i for i in one if plans[i].position]),
        size=obeyed('size', [i for i in one if plans[i].size]), one_of_two=share([hit[i] for i in two]), both_of_two=share(both),
        count=obeyed('count', [i for i, p in enumerate(plans) if p.count > 1]), pictures=len(plans), single=len(one), pairs=len(two))


def frechet(a, b):
    """Frechet distance of two sets of features [N, D]."""
    ca, cb = np.cov(a.T), np.cov(b.T)
    roots = np.sqrt(np.linalg.eigvals(ca @ cb).real.clip(0)).sum()
    return float(((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(ca) + np.trace(cb) - 2 * roots)
