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
