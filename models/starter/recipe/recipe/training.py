"""What every training stage shares: threads that may change while it runs, the learning-rate curve, averaged weights, clocks."""
import math
import os
import time

import torch


def threads(run, default):
    """Sets torch's threads from the file `threads` of the run, or from `<stage>.threads`; the number may change at any time."""
    path = run.path('threads')
    count = int(open(path).read()) if os.path.exists(path) else default
    if count != torch.get_num_threads():
        torch.set_num_threads(count)


def schedule(done, step, warmup=300, hold=.6, floor=.02):
    """The factor of the learning rate: linear warm-up, flat, then a cosine cool-down from `hold` on; `done` is 0..1."""
    warm = min(1., (step + 1) / warmup)
    if done < hold:
        return warm
    return warm * max(floor, .5 + .5 * math.cos(math.pi * min(1., (done - hold) / (1 - hold))))


class Average:
    """Exponentially averaged weights of some parameters."""

    def __init__(self, parameters, keep):
        self.parameters, self.keep, self.step = list(parameters), keep, 0
        self.values = [p.detach().clone() for p in self.parameters]

    @torch.no_grad()
    def update(self):
        self.step += 1
        keep = min(self.keep, (1 + self.step) / (10 + self.step))
        torch._foreach_lerp_(self.values, [p.detach() for p in self.parameters], 1 - keep)

    @torch.no_grad()
    def swap(self):
        """Exchanges the averaged and the trained values."""
        for parameter, value in zip(self.parameters, self.values):
            kept = parameter.detach().clone()
            parameter.copy_(value)
            value.copy_(kept)


class Learner:
    """A network that learns by descending a loss: AdamW, averaged weights, a log, and a checkpoint that a later run goes on from."""
    REPORT_SECONDS, SAVE_SECONDS = 20, 120

    def __init__(self, run, stage, network, rate, write):
        """`write` stores what a stage makes of the network; it is called while the network holds its averaged weights."""
        self.run, self.stage, self.network, self.rate, self.write = run, stage, network, rate, write
        self.optimiser = torch.optim.AdamW(network.parameters(), lr=rate, betas=(.9, .99), weight_decay=.01, fused=True)
        self.average, self.step, self.spent, self.start = Average(network.parameters(), .998), 0, 0., time.time()
        self.path = run.path('checkpoints', f'{stage}.pt')
        if os.path.exists(self.path):
            kept = torch.load(self.path)
            network.load_state_dict(kept['network']), self.optimiser.load_state_dict(kept['optimiser'])
            self.average.values, self.average.step = kept['average'], kept['step']
            self.step, self.spent = kept['step'], kept['spent']

    @property
    def seconds(self):
        """Of this stage so far, earlier runs included."""
        return self.spent + time.time() - self.start

    def keep(self):
        save(dict(network=self.network.state_dict(), optimiser=self.optimiser.state_dict(), average=self.average.values, step=self.step, spent=self.seconds), self.path)
        self.average.swap()
        self.write()
        self.average.swap()

    def descend(self, loss, factor):
        """One step on a loss, at this part of the full rate."""
        for group in self.optimiser.param_groups:
            group['lr'] = self.rate * factor
        self.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.)
        self.optimiser.step()
        self.average.update()
        self.step += 1

    def learn(self, until, loss, factor, **facts):
        """Steps until that one. `loss()` is of fresh examples, `factor(step)` of the rate; `facts` go into the log."""
        losses, looked, saved = [], time.time(), time.time()
        while self.step < until:
            now = loss()
            self.descend(now, factor(self.step))
            losses.append(now.item())
            if time.time() - looked > self.REPORT_SECONDS:
                self.run.log(self.stage, seconds=round(self.seconds), step=self.step, loss=round(sum(losses) / len(losses), 4), **facts)
                losses, looked = [], time.time()
            if time.time() - saved > self.SAVE_SECONDS:
                self.keep()
                saved = time.time()
        self.keep()


class Clock:
    """Counts the minutes of a stage across restarts."""

    def __init__(self, minutes, spent=0.):
        self.seconds, self.spent, self.start = minutes * 60, spent, time.time()

    @property
    def passed(self):
        """Seconds of this stage so far, earlier runs included."""
        return self.spent + time.time() - self.start

    @property
    def done(self):
        return min(1., self.passed / self.seconds)


def to_input(pictures):
    """uint8 [N, S, S, 3] -> float32 [N, 3, S, S] in -1..1."""
    x = torch.from_numpy(pictures).permute(0, 3, 1, 2).float().div(127.5).sub(1)
    return x.contiguous()


def save(value, path):
    """Writes a checkpoint whole or not at all."""
    torch.save(value, path + '.part')
    os.replace(path + '.part', path)
