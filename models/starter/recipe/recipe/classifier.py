"""A classifier of noisy latents and the gradient of its log probability as an ONNX graph, for classifier guidance.

The network is made of operations whose backward pass is short (convolution, SiLU, scale and shift, mean pooling), so the gradient
is written by hand in `LogProbabilityGradient` and exported like any forward graph; torch's autograd checks it.
"""
import json
import os
import time

import numpy as np
import onnxruntime
import torch
import torch.nn as nn
import torch.nn.functional as F

from . import objectives, pictures, storage, train_autoencoder
from .config import concepts
from .training import save, to_input

WIDTHS = (48, 64, 96)
TIME = 64


class NoisyClassifier(nn.Module):
    """Scaled noisy latents [N, 4, h, w] and steps [N] -> logits [N, nouns]."""

    def __init__(self, classes):
        super().__init__()
        fine, middle, coarse = WIDTHS
        sizes = [(4, fine), (fine, fine), (fine, middle), (middle, middle), (middle, coarse), (coarse, coarse)]
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in sizes)
        self.time = nn.Sequential(nn.Linear(TIME, 128), nn.SiLU())
        self.films = nn.ModuleList(nn.Linear(128, 2 * b) for _, b in sizes)
        self.out = nn.Linear(coarse, classes)
        for film in self.films:
            nn.init.zeros_(film.weight)
            nn.init.zeros_(film.bias)
        self.register_buffer('frequencies', torch.exp(-torch.arange(TIME // 2) * np.log(10000) / (TIME // 2)).float())

    def embed(self, timestep):
        angles = timestep.float()[:, None] * self.frequencies[None]
        return self.time(torch.cat([torch.sin(angles), torch.cos(angles)], 1))

    @staticmethod
    def pools(i):
        """Whether the picture halves after layer i."""
        return i in (1, 3)

    def trace(self, x, timestep):
        """Logits and, per layer, what the backward pass needs: the modulated pre-activation and its scale."""
        embedding, kept = self.embed(timestep), []
        for i, (conv, film) in enumerate(zip(self.convs, self.films)):
            scale, shift = film(embedding)[:, :, None, None].chunk(2, 1)
            pre = conv(x) * (1 + scale) + shift
            kept.append((pre, 1 + scale))
            out = pre * torch.sigmoid(pre)
            x = out + x if i % 2 else out
            if self.pools(i):
                x = F.avg_pool2d(x, 2)
        return self.out(x.mean((2, 3))), kept, x

    def forward(self, x, timestep):
        return self.trace(x, timestep)[0]


class LogProbabilityGradient(nn.Module):
    """grad_x log p(class_labels | sample, timestep), of the shape of the sample, and that log probability [N].

    The backward pass of NoisyClassifier by hand.
    """

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, sample, timestep, class_labels):
        net = self.net
        logits, kept, last = net.trace(sample, timestep)
        wanted = (class_labels[:, None] == torch.arange(net.out.out_features)[None]).float()
        pooled = torch.matmul(wanted - logits.softmax(1), net.out.weight)
        gradient = pooled[:, :, None, None].expand_as(last) / (last.shape[2] * last.shape[3])
        for i in reversed(range(len(net.convs))):
            if net.pools(i):
                gradient = F.interpolate(gradient, scale_factor=2.0, mode='nearest') / 4
            pre, scale = kept[i]
            gate = torch.sigmoid(pre)
            through = F.conv_transpose2d(gradient * gate * (1 + pre * (1 - gate)) * scale, net.convs[i].weight, padding=1)
            gradient = gradient + through if i % 2 else through
        return gradient, (wanted * F.log_softmax(logits, 1)).sum(1)


def encoded_bank(run):
    """Scaled latents and noun labels of the bank's pictures of one thing."""
    path = run.path('latents-bank.npz')
    if not os.path.exists(path):
        bank, plans = pictures.load(run, 'train')
        nouns = list(concepts(run.config))
        chosen = [i for i, plan in enumerate(plans) if len(plan.things) == 1]
        encoder, _, scale = train_autoencoder.load(run)
        parts = []
        with torch.no_grad(), torch.autocast('cpu', torch.bfloat16):
            for i in range(0, len(chosen), 100):
                parts.append((encoder(to_input(np.ascontiguousarray(bank[chosen[i:i + 100]]))).float() * scale).half().numpy())
        np.savez(path, latents=np.concatenate(parts), labels=np.array([nouns.index(plans[i].nouns[0]) for i in chosen]))
    with np.load(path) as kept:
        return torch.from_numpy(kept['latents']).float(), torch.from_numpy(kept['labels'])


@torch.no_grad()
def accuracy(net, latents, labels, objective, step):
    t = torch.full((len(labels),), step)
    x, _ = objective.noisy(latents, torch.randn(latents.shape, generator=torch.Generator().manual_seed(step)), t)
    return round((net(x, t).argmax(1) == labels).float().mean().item(), 4)


def train(run):
    """Trains `checkpoints/classifier.pt`; a tenth of the bank is kept for its accuracy at five noise levels."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    latents, labels = encoded_bank(run)
    held = len(labels) // 10
    net, objective, steps, looked = NoisyClassifier(len(concepts(run.config))), objectives.VPrediction(), run.config.classifier_steps, time.time()
    optimiser = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=.02)
    batch = min(128, len(labels) - held)
    for step in range(steps):
        for group in optimiser.param_groups:
            group['lr'] = 2e-3 * min(1, (step + 1) / 100) * max(.01, 1 - step / steps)
        pick = torch.randint(held, len(labels), (batch,))
        t = (torch.rand(batch) * 1000).long() if step % 2 else objective.times(batch)
        x, _ = objective.noisy(latents[pick], torch.randn(batch, *latents.shape[1:]), t)
        with torch.autocast('cpu', torch.bfloat16):
            out = net(x, t)
        loss = F.cross_entropy(out.float(), labels[pick])
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.)
        optimiser.step()
        if time.time() - looked > 20:
            run.log('classifier', step=step, loss=round(loss.item(), 4))
            looked = time.time()
    save(net.state_dict(), run.path('checkpoints', 'classifier.pt'))
    found = {t: accuracy(net, latents[:held], labels[:held], objective, t) for t in (50, 200, 400, 600, 800)}
    run.log('classifier', finished=True, steps=steps, accuracy_by_step=found, error=check(net, latents[:4], labels[:4]))


def check(net, latents, labels):
    """Largest difference of the written gradient from autograd's, as a part of the largest gradient."""
    x, t = latents.clone().requires_grad_(), torch.tensor([100, 300, 500, 900])[:len(labels)]
    F.log_softmax(net(x, t), 1).gather(1, labels[:, None]).sum().backward()
    with torch.no_grad():
        own, _ = LogProbabilityGradient(net)(latents, t, labels)
    return ((own - x.grad).abs().max() / x.grad.abs().max()).item()


def export(run, folder):
    """Writes `model.onnx` (inputs sample, timestep, class_labels; outputs gradient, log_probability) in fp16 storage, and the names of the classes."""
    latents, labels = encoded_bank(run)
    net = NoisyClassifier(len(concepts(run.config)))
    net.load_state_dict(torch.load(run.path('checkpoints', 'classifier.pt')))
    storage.round_weights(net, 'fp16')
    os.makedirs(folder, exist_ok=True)
    path, rows = os.path.join(folder, 'model.onnx'), {0: 'batch_size'}
    picture = {0: 'batch_size', 2: 'height', 3: 'width'}
    inputs = (latents[:2], torch.tensor([300, 700]), labels[:2])
    graph = LogProbabilityGradient(net).eval()
    with torch.no_grad():
        expected, _ = graph(*inputs)
        torch.onnx.export(graph, inputs, path, opset_version=17, input_names=['sample', 'timestep', 'class_labels'], output_names=['gradient', 'log_probability'],
                          dynamic_axes={'sample': picture, 'timestep': rows, 'class_labels': rows, 'gradient': picture, 'log_probability': rows}, dynamo=False)
    storage.shrink(path, 'fp16')

    names = ['sample', 'timestep', 'class_labels']
    actual = onnxruntime.InferenceSession(path).run(None, {name: value.numpy() for name, value in zip(names, inputs)})[0]
    with open(os.path.join(folder, 'classes.json'), 'w') as file:
        json.dump(list(concepts(run.config)), file)
    error = float(np.abs(actual - expected.numpy()).max() / np.abs(expected.numpy()).max())
    run.log('classifier', exported=folder, bytes=os.path.getsize(path), error=error)
