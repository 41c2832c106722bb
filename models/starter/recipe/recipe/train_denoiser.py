"""Trains text encoder and U-Net together on cached latents.

Averaged weights are stored every few minutes as safetensors (`model/unet`, `model/text_encoder`), the whole state as a checkpoint,
so a run can be stopped and continued. While it runs, the file `threads` of the run sets torch's threads (without it both
numbers are tried every few minutes and the faster one stays), and `mix.json` ({"pair": 1.5, "tint": 1.5, "new": 1.5}) shifts what is drawn.
"""
import json
import os
import time

import torch
import torch.nn as nn

from . import networks, objectives
from .latents import Store
from .tokenizer import Tokenizer
from .training import Average, Clock, save, schedule

EMPTY_SHARE = .1      # captions replaced by the empty one, for guidance
SAVE_SECONDS = 180
PROBE_SECONDS = 240
PROBE_STEPS = 12
MOST_THREADS = min(2, len(os.sched_getaffinity(0)))


class Threads:
    """Finds the faster number of threads: beside other work two are slower than one, because each step waits for the slower."""

    def __init__(self, run):
        self.run, self.next, self.rates, self.started, self.count = run, time.time(), {}, None, 0

    def before(self):
        path = self.run.path('threads')
        if os.path.exists(path):
            wanted = int(open(path).read())
            self.next, self.rates = time.time(), {}
        elif self.started is not None:
            return
        elif time.time() >= self.next:
            untried = [n for n in range(MOST_THREADS, 0, -1) if n not in self.rates]
            if untried:
                wanted, self.started, self.count = untried[0], time.time(), 0
            else:
                wanted = max(self.rates, key=self.rates.get)
                self.run.log('denoiser', threads=wanted, steps_a_second={n: round(rate, 3) for n, rate in self.rates.items()})
                self.next, self.rates = time.time() + PROBE_SECONDS, {}
        else:
            return
        if wanted != torch.get_num_threads():
            torch.set_num_threads(wanted)

    def after(self):
        if self.started is None:
            return
        self.count += 1
        if self.count == PROBE_STEPS:
            self.rates[torch.get_num_threads()] = self.count / (time.time() - self.started)
            self.started = None


def mix_of(run):
    path = run.path('mix.json')
    return json.load(open(path)) if os.path.exists(path) else {}


class Trainer:
    """State and steps of one run."""

    def __init__(self, run, device='cpu', objective=None, folder='model'):
        self.run, self.config, self.device, self.folder = run, run.config, device, folder
        self.tokenizer = Tokenizer(run.path('model', 'tokenizer'))
        self.text, self.unet = networks.text_encoder(run.config, self.tokenizer), networks.unet(run.config)
        self.checkpoint = run.path('checkpoints', 'denoiser.pt' if folder == 'model' else f'{folder}.pt')
        if run.warm and not os.path.exists(self.checkpoint):
            networks.warm_start(run, self.text, self.unet, self.tokenizer)
        self.text.to(device), self.unet.to(device)
        if device == 'cpu':
            networks.faster_on_cpu(self.unet)
        self.parameters = [*self.unet.parameters(), *self.text.parameters()]
        self.average = Average(self.parameters, .999)
        self.optimiser = torch.optim.AdamW(self.parameters, lr=run.config.learning_rate, betas=(.9, .99), weight_decay=.01, fused=True)
        self.objective = objectives.make(objective or run.config.objective, device)
        self.empty = torch.tensor(self.tokenizer(''))
        self.step, self.spent, self.seen = 0, 0., 0
        if os.path.exists(self.checkpoint):
            self.resume(torch.load(self.checkpoint, map_location=device))

    def resume(self, kept):
        self.unet.load_state_dict(kept['unet']), self.text.load_state_dict(kept['text']), self.optimiser.load_state_dict(kept['optimiser'])
        self.average.values, self.average.step = kept['average'], kept['step']
        self.step, self.spent, self.seen = kept['step'], kept['spent'], kept['seen']

    def keep(self, spent):
        """Stores the averaged weights as the model and the whole state as the checkpoint."""
        save(dict(unet=self.unet.state_dict(), text=self.text.state_dict(), optimiser=self.optimiser.state_dict(), average=self.average.values,
                  step=self.step, spent=spent, seen=self.seen), self.checkpoint)
        self.average.swap()
        self.unet.save_pretrained(self.run.path(self.folder, 'unet'))
        self.text.save_pretrained(self.run.path(self.folder, 'text_encoder'))
        self.average.swap()

    def learn(self, latents, ids, factor):
        """One step on scaled latents and token ids; gives the loss as a tensor."""
        for group in self.optimiser.param_groups:
            group['lr'] = self.config.learning_rate * factor
        n = len(ids)
        ids[torch.rand(n) < EMPTY_SHARE] = self.empty
        x0, ids = latents.to(self.device), ids.to(self.device)
        t, noise = self.objective.times(n), torch.randn_like(x0)
        x, target = self.objective.noisy(x0, noise, t)
        if self.device == 'cpu':
            x = x.contiguous(memory_format=torch.channels_last)
        with torch.autocast(self.device, torch.bfloat16):
            out = self.unet(x, t, self.text(ids).last_hidden_state).sample
        loss = ((out.float() - target) ** 2).mean()
        self.optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.parameters, 1.)
        self.optimiser.step()
        self.average.update()
        self.step += 1
        self.seen += n
        return loss.detach()


def train(run, minutes=None, device='cpu', objective=None, folder='model', log='denoiser', steps=None):
    """Trains until the minutes of the configuration are spent, or for so many steps."""
    torch.manual_seed(0)
    trainer = Trainer(run, device, objective, folder)
    torch.manual_seed(trainer.step + 1)
    store, threads = Store(run, trainer.step), Threads(run)
    clock = Clock(minutes or run.config.denoiser_minutes, trainer.spent)
    losses, looked, saved, reported = [], time.time(), time.time(), (time.time(), trainer.seen)
    run.log(log, begins=True, step=trainer.step, shards=len(store.paths), unet=sum(p.numel() for p in trainer.unet.parameters()), text=sum(p.numel() for p in trainer.text.parameters()))
    progress = lambda: trainer.step / steps if steps else clock.done
    while progress() < 1:
        if device == 'cpu':
            threads.before()
        latents, ids = store.batch(run.config.batch)
        losses.append(trainer.learn(latents, ids, schedule(progress(), trainer.step)).item())
        if device == 'cpu':
            threads.after()
        if time.time() - looked > 20:
            store.refresh()
            store.mix(**mix_of(run))
            rate = (trainer.seen - reported[1]) / (time.time() - reported[0])
            run.log(log, seconds=round(clock.passed), step=trainer.step, samples=trainer.seen, loss=round(sum(losses) / len(losses), 4),
                    samples_a_second=round(rate, 1), threads=torch.get_num_threads(), shards=len(store.paths))
            losses, looked, reported = [], time.time(), (time.time(), trainer.seen)
        if time.time() - saved > SAVE_SECONDS:
            trainer.keep(clock.passed)
            saved = time.time()
    trainer.keep(clock.passed)
    run.log(log, seconds=round(clock.passed), step=trainer.step, samples=trainer.seen, finished=True)
