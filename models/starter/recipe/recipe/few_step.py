"""Distils the denoiser so that four steps without guidance draw what twenty guided ones did (a latent consistency model).

The student learns the consistency function of Song et al. (2023) in the form of latent consistency models (Luo et al., 2023):
from any point of one of the teacher's paths straight to that path's end, the teacher's guidance included.

  f(x, t) = c_skip x + c_out (alpha x - sigma v(x, t)),   c_skip = s^2 / ((10 t)^2 + s^2),  c_out = 10 t / sqrt((10 t)^2 + s^2),  s = 0.5

The papers take the student's own average one step nearer as the target, because paths of a large teacher cost too much. This one
is small: its paths are walked to the end once and kept (`few_step/paths-N.pt`), which gives exact targets. They begin where the
sampler will ask: at noise, at noised pictures and, from the second round on, at noised answers of the student itself.
"""
import json
import os
import time

import torch

from . import evaluate, export, judge, networks
from .latents import Store
from .objectives import STEPS, VPrediction
from .painters import SCHEDULE, TorchPainter
from .tokenizer import Tokenizer
from .training import Learner, save, schedule

GRID = 20                        # timesteps that the student knows: 999, 949, ..., 49 (LCMScheduler's original_inference_steps)
TIMES = [STEPS - 1 - i * STEPS // GRID for i in range(GRID)]
SAMPLED = 4                      # steps that the paths' beginnings are made for
STRIDE = 2                       # of the grid, which one step of the teacher takes
BATCH, BEGINNINGS = 32, .5       # points of a step; share of them that are a path's beginning
ROWS = 64                        # paths walked at once
FROM_NOISE, FROM_STUDENT = .4, .5   # shares of beginnings; the second one of those that are not noise, once there is a student
EMPTY_SHARE = .05
LEARNING_RATE, WARMUP, HUBER = 2e-4, 50, .03
SCALING, SIGMA_DATA = 10., .5
SETTINGS = dict(steps=SAMPLED, guidance=1., sampler='lcm')
LCM = dict(
    _class_name='LCMScheduler', _diffusers_version='0.36.0', **{k: v for k, v in SCHEDULE.items() if k != 'timestep_spacing'}, original_inference_steps=GRID,
    timestep_scaling=SCALING, clip_sample=False, set_alpha_to_one=True, rescale_betas_zero_snr=False, thresholding=False)


def consistent(objective, x, t, v):
    """The student's answer: the end of the path through x [N, 4, h, w] at timesteps t [N], from its v."""
    alpha, sigma = objective.mix(t)
    scaled = (SCALING * t.float()).view(-1, 1, 1, 1)
    total = scaled ** 2 + SIGMA_DATA ** 2
    return SIGMA_DATA ** 2 / total * x + scaled / total.sqrt() * (alpha * x - sigma * v)


def begins(count=SAMPLED):
    """Grid indices of the sampler's steps."""
    return [i * GRID // count for i in range(count)]


class Teacher:
    """The run's trained denoiser with guidance, walking DDIM paths on the grid."""

    def __init__(self, run, guidance):
        self.text, self.unet = networks.load(run)
        networks.faster_on_cpu(self.unet)
        self.guidance, self.objective, self.empty = guidance, VPrediction(), torch.tensor(Tokenizer(run.path('model', 'tokenizer'))(''))

    @torch.no_grad()
    def context(self, ids):
        return self.text(ids).last_hidden_state

    @torch.no_grad()
    def path(self, x, ids, index):
        """Points on the way from grid index `index` as [(grid index, x)], and the end."""
        context = torch.cat([self.context(self.empty[None]).expand(len(ids), -1, -1), self.context(ids)])
        points, n = [], len(ids)
        while index < GRID:
            points.append((index, x))
            after = min(index + STRIDE, GRID)
            t = torch.full((n,), TIMES[index])
            both = x.repeat(2, 1, 1, 1).contiguous(memory_format=torch.channels_last)
            with torch.autocast('cpu', torch.bfloat16):
                v = self.unet(both, t.repeat(2), context).sample.float()
            v = v[:n] + self.guidance * (v[n:] - v[:n])
            alpha, sigma = self.objective.mix(t)
            clean, noise = alpha * x - sigma * v, sigma * x + alpha * v
            if after < GRID:
                alpha, sigma = self.objective.mix(torch.full((n,), TIMES[after]))
                x = alpha * clean + sigma * noise
            index = after
        return points, clean


@torch.no_grad()
def answers(student, context, upto):
    """What the student makes of noise in its sampler's steps before step `upto`."""
    objective, n = VPrediction(), len(context)
    clean = None
    for index in begins()[:upto]:
        t, x = torch.full((n,), TIMES[index]), torch.randn(n, 4, student.config.sample_size, student.config.sample_size)
        if clean is not None:
            x, _ = objective.noisy(clean, x, t)
        with torch.autocast('cpu', torch.bfloat16):
            v = student(x.contiguous(memory_format=torch.channels_last), t, context).sample.float()
        clean = consistent(objective, x, t, v)
    return clean


def paths(run, number, count, teacher, student=None):
    """One bank of paths, made once: x, grid index, end, token ids and whether a path begins there, a row a point."""
    path = run.path('few_step', f'paths-{number}.pt')
    if os.path.exists(path):
        return torch.load(path)
    torch.manual_seed(4000 + number)
    store, rows, start = Store(run, 4000 + number), [], time.time()
    for done in range(0, count, ROWS):
        latents, ids = store.batch(min(ROWS, count - done))
        ids[torch.rand(len(ids)) < EMPTY_SHARE] = teacher.empty
        step = 0 if torch.rand(()) < FROM_NOISE else int(torch.randint(1, SAMPLED, ()))
        index, x = begins()[step], torch.randn_like(latents)
        if step:
            if student is not None and torch.rand(()) < FROM_STUDENT:
                latents = answers(student, teacher.context(ids), step)
            index += int(torch.randint(0, STRIDE, ()))
            x, _ = teacher.objective.noisy(latents, x, torch.full((len(ids),), TIMES[index]))
        points, end = teacher.path(x, ids, index)
        for at, x in points:
            rows.append((x.half(), torch.full((len(ids),), at), end.half(), ids.short(), torch.full((len(ids),), at == index)))
    bank = [torch.cat(column) for column in zip(*rows)]
    save(bank, path)
    run.log('few_step', paths=number, beginnings=count, points=len(bank[0]), by_student=student is not None, seconds=round(time.time() - start))
    return bank


def loss_of(student, teacher, x, index, end, ids):
    """Pseudo-Huber distance of the student's answers from the ends of the paths."""
    x, end, t = x.float(), end.float(), torch.tensor(TIMES)[index]
    with torch.autocast('cpu', torch.bfloat16):
        v = student(x.contiguous(memory_format=torch.channels_last), t, teacher.context(ids.long())).sample
    off = consistent(teacher.objective, x, t, v.float()) - end
    return ((off ** 2 + HUBER ** 2).sqrt() - HUBER).mean()


def drawn(bank):
    """Rows of a bank for one step."""
    first, most = torch.nonzero(bank[4])[:, 0], round(BATCH * BEGINNINGS)
    return torch.cat([first[torch.randint(0, len(first), (most,))], torch.randint(0, len(bank[0]), (BATCH - most,))])


def train(run, guidance=3.):
    """Rounds of paths and steps until the configuration's steps are done; goes on from the checkpoint."""
    torch.set_num_threads(1)
    teacher, (_, student), steps, rounds = Teacher(run, guidance), networks.load(run), run.config.few_step_steps, run.config.few_step_rounds
    networks.faster_on_cpu(student).train()

    def store():
        student.save_pretrained(run.path('model-few', 'unet'))
        teacher.text.save_pretrained(run.path('model-few', 'text_encoder'))
    learner = Learner(run, 'few_step', student, LEARNING_RATE, store)
    run.log('few_step', begins=True, step=learner.step, guidance=guidance)
    bank = None

    def loss():
        pick = drawn(bank)
        return loss_of(student, teacher, *(column[pick] for column in bank[:4]))
    for number in range(rounds):
        learner.average.swap()
        more = paths(run, number, run.config.few_step_paths, teacher, student if learner.step else None)
        learner.average.swap()
        bank = more if bank is None else [torch.cat(pair) for pair in zip(bank, more)]
        torch.manual_seed(learner.step + 1)
        learner.learn(steps * (number + 1) // rounds, loss, lambda step: schedule(step / steps, step, WARMUP), points=len(bank[0]))
    run.log('few_step', seconds=round(learner.seconds), step=learner.step, finished=True)


def write(run, folder):
    """The folder that Easel opens: the student with the starter's other parts, and the scheduler that it was made for."""
    config = run.config
    export.export(run, folder, dict(steps=SAMPLED, guidance=1, scheduler='lcm'), model='model-few', weights='weights-few', scheduler=LCM, about=dict(
        id=f'{config.model_id}-few', name=f'Easel Starter ({SAMPLED} steps)',
        description=f'The starter model in {SAMPLED} steps without guidance: ten times less work for nearly the same pictures. It ignores negative prompts.'))


def measure(run, count=None):
    """The judge on the stored weights, by number of steps and beside the teacher in as few; writes `few_step/metrics.json`."""
    net, found = judge.load(run), {}
    count = count or run.config.evaluated
    student, teacher = TorchPainter(run, 'weights-few'), evaluate.torch_painter(run)
    for split in ('train', 'heldout'):
        made, plans = evaluate.compositions(run, split, count)
        found[split] = evaluate.measure(run, net, student, made, plans, **SETTINGS)
        run.log('few_step', split=split, **found[split])
        if split == 'train':
            fewer, fewer_plans = made[:max(8, count // 2)], plans[:max(8, count // 2)]
            found['by_steps'] = [evaluate.measure(run, net, student, fewer, fewer_plans, **SETTINGS | dict(steps=steps)) for steps in (1, 2, 8)]
            found['teacher'] = [evaluate.measure(run, net, teacher, fewer, fewer_plans, steps=SAMPLED, guidance=g, sampler='ddim') for g in (1., 3.)]
    with open(run.path('few_step', 'metrics.json'), 'w') as file:
        json.dump(found, file, indent=1)
    return found
