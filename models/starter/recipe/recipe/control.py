"""A ControlNet (Zhang et al., 2023) for the starter: the picture follows given edges.

A copy of the U-Net's encoder and middle reads an edge picture, white on black, and adds to the skips of the U-Net, which stays as it
is. It learns from composed pictures with their own edges: those that the app's Canny detector finds, finer ones, the fine ones of
the things alone (the backdrop is then free), and some of each thickened to strokes, as somebody would draw them.
"""
import json
import os
import random
import shutil
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from diffusers import ControlNetModel, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from PIL import Image

from . import evaluate, export, judge, networks, storage, train_autoencoder
from .edges import APP, FINE, agreement, canny, follow, gradient
from .objectives import VPrediction
from .painters import TorchPainter
from .render import Composer, put
from .sprites import load
from .tokenizer import Tokenizer
from .training import Learner, save, schedule, to_input

CHANNELS = (16, 32, 64, 96)      # of the small network that brings the edge picture down to the latents' size
PART, KINDS, BATCH = 100, 3, 32
THICK, EMPTY_SHARE = .25, .1
LEARNING_RATE, WARMUP = 5e-4, 100
SETTINGS = dict(steps=20, sampler='ddim')
CANVAS = 0                       # on which the things alone are drawn


def things_alone(plan, bank, size):
    image = np.full((size, size, 3), CANVAS, np.float32)
    for thing in plan.things:
        put(image, bank[thing.style, thing.noun, thing.tint], thing)
    return image.clip(0, 255).astype(np.uint8)


def bank(run):
    """Latents fp16, token ids, and three kinds of edges as bits, a row a picture; made once in parts that are kept."""
    encoder, _, scale = train_autoencoder.load(run)
    composer, tokenizer = Composer(run), Tokenizer(run.path('model', 'tokenizer'))
    parts = []
    for number in range(-(-run.config.control_pictures // run.config.shard)):
        path, start = run.path('control', f'edges-{number}.pt'), time.time()
        if not os.path.exists(path):
            rows, r = [], random.Random(810_000 + number)
            count = min(run.config.shard, run.config.control_pictures - number * run.config.shard)
            for done in range(0, count, PART):
                made, plans = composer.batch(r, min(PART, count - done))
                alone = np.stack([things_alone(plan, composer.bank, composer.size) for plan in plans])
                with torch.no_grad(), torch.autocast('cpu', torch.bfloat16):
                    latents = (encoder(to_input(made)).float() * scale).half()
                seen = gradient(made)
                kinds = torch.stack([follow(seen, *APP), follow(seen, *FINE), canny(alone, FINE)], 1)
                rows.append((latents, torch.tensor([tokenizer(p.caption) for p in plans], dtype=torch.int16), torch.from_numpy(np.packbits(kinds.numpy(), -1))))
            save([torch.cat(column) for column in zip(*rows)], path)
            run.log('control', bank=number, pictures=count, seconds=round(time.time() - start))
        parts.append(torch.load(path))
    return [torch.cat(column) for column in zip(*parts)]


def as_picture(edges):
    """bool [N, H, W] -> the picture that the ControlNet is given, [N, 3, H, W] of 0 and 1."""
    return edges[:, None].float().expand(-1, 3, -1, -1)


def thickened(shown, share):
    """Some of the edge pictures [N, 3, H, W] with lines three pixels wide."""
    thick = F.max_pool2d(shown, 3, 1, 1)
    return torch.where((torch.rand(len(shown)) < share).view(-1, 1, 1, 1), thick, shown)


def fresh(unet):
    """A ControlNet that changes nothing yet."""
    return ControlNetModel.from_unet(unet, conditioning_embedding_out_channels=CHANNELS)


class Lesson:
    """The ControlNet with the frozen networks that it learns beside."""

    def __init__(self, run):
        self.objective = VPrediction()
        self.text, self.unet = networks.load(run)
        self.net = fresh(self.unet)
        networks.faster_on_cpu(self.unet), networks.faster_on_cpu(self.net)
        self.unet.requires_grad_(False)
        self.empty = torch.tensor(Tokenizer(run.path('model', 'tokenizer'))(''))

    def loss(self, latents, ids, bits):
        """Of compositions with the packed edge pictures of each."""
        n, x0, ids = len(ids), latents.float(), ids.long()
        ids[torch.rand(n) < EMPTY_SHARE] = self.empty
        edges = torch.from_numpy(np.unpackbits(bits[torch.arange(n), torch.randint(0, KINDS, (n,))].numpy(), axis=-1)).bool()
        shown = thickened(as_picture(edges), THICK).contiguous(memory_format=torch.channels_last)
        t, noise = self.objective.times(n), torch.randn_like(x0)
        x, target = self.objective.noisy(x0, noise, t)
        x = x.contiguous(memory_format=torch.channels_last)
        with torch.autocast('cpu', torch.bfloat16):
            with torch.no_grad():
                context = self.text(ids).last_hidden_state
            down, mid = self.net(x, t, context, shown, return_dict=False)
            v = self.unet(x, t, context, down_block_additional_residuals=down, mid_block_additional_residual=mid).sample
        return ((v.float() - target) ** 2).mean()


def train(run):
    """Trains for the configuration's steps; goes on from the checkpoint."""
    torch.set_num_threads(1)
    pictures, lesson, steps = bank(run), Lesson(run), run.config.control_steps
    learner = Learner(run, 'control', lesson.net, LEARNING_RATE, lambda: lesson.net.save_pretrained(run.path('model', 'controlnet')))
    torch.manual_seed(learner.step + 1)
    run.log('control', begins=True, step=learner.step, parameters=sum(p.numel() for p in lesson.net.parameters()))

    def loss():
        pick = torch.randint(0, len(pictures[0]), (BATCH,))
        return lesson.loss(*(column[pick] for column in pictures))
    learner.learn(steps, loss, lambda step: schedule(step / steps, step, WARMUP))
    run.log('control', seconds=round(learner.seconds), step=learner.step, finished=True)


class ControlledPainter(TorchPainter):
    """Draws with the run's ControlNet; `edges` (bool [N, H, W]) belong to the captions in their order."""

    def __init__(self, run, folder, edges, scale=1.):
        super().__init__(run, folder)
        self.net = ControlNetModel.from_pretrained(run.path(folder, 'controlnet'), low_cpu_mem_usage=False).eval()
        self.net.set_attn_processor(networks.PlainAttention())
        self.edges, self.strength, self.done = as_picture(edges), scale, 0

    def latents(self, captions, noise, **settings):
        self.shown = self.edges[self.done:self.done + len(captions)]
        self.done += len(captions)
        return super().latents(captions, noise, **settings)

    def predict(self, x, t, context):
        shown = self.shown.repeat(len(x) // len(self.shown), 1, 1, 1)
        with torch.autocast('cpu', torch.bfloat16):
            down, mid = self.net(x, t, context, shown, conditioning_scale=self.strength, return_dict=False)
            return self.unet(x, t, context, down_block_additional_residuals=down, mid_block_additional_residual=mid).sample.float()


class Net(nn.Module):
    """The ControlNet with the inputs and outputs that its ONNX file has."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, sample, timestep, encoder_hidden_states, controlnet_cond, conditioning_scale):
        down, mid = self.net(sample, timestep, encoder_hidden_states, controlnet_cond, return_dict=False)
        return tuple(x * conditioning_scale for x in (*down, mid))


class Controlled(nn.Module):
    """The U-Net with inputs for what a ControlNet adds."""

    def __init__(self, unet):
        super().__init__()
        self.unet = unet

    def forward(self, sample, timestep, encoder_hidden_states, *residuals):
        return self.unet(
            sample, timestep, encoder_hidden_states, down_block_additional_residuals=list(residuals[:-1]), mid_block_additional_residual=residuals[-1],
            return_dict=False)[0]


def config_of(folder, part, network):
    export.write_json(folder, f'{part}/config.json', {key: value for key, value in network.config.items() if not key.startswith('_')} | dict(
        _class_name=type(network).__name__, _diffusers_version=network.config['_diffusers_version'] if '_diffusers_version' in network.config else '0.36.0'))


def write(run, exported, folder):
    """The exported folder with the ControlNet and a U-Net that takes what it gives, under an id of its own; the rounded weights under `weights/`."""
    shutil.copytree(exported, folder, dirs_exist_ok=True)
    with open(os.path.join(exported, 'manifest.json')) as file:
        plain = json.load(file)
    export.write_json(folder, 'manifest.json', plain | dict(id=f"{plain['id']}-control", name=f"{plain['name']} with ControlNet"))
    unet = UNet2DConditionModel.from_pretrained(run.path('weights', 'unet'), low_cpu_mem_usage=False).eval()
    net = ControlNetModel.from_pretrained(run.path('model', 'controlnet'), low_cpu_mem_usage=False).eval()
    for network in (unet, net):
        network.set_attn_processor(AttnProcessor())
    storage.round_weights(net, 'int8').save_pretrained(run.path('weights', 'controlnet'))
    size = run.config.size
    inputs = (torch.randn(2, 4, size // 8, size // 8), torch.tensor(500), torch.randn(2, 77, run.config.text[0]))
    with torch.no_grad():
        residuals = Net(net)(*inputs, torch.rand(2, 3, size, size), torch.ones(1))
    names = [f'down_block_{i}_additional_residual' for i in range(len(residuals) - 1)] + ['mid_block_additional_residual']
    plain, axes = ['sample', 'timestep', 'encoder_hidden_states'], {'sample': export.PICTURE, 'encoder_hidden_states': export.TOKENS}
    axes |= {name: {0: 'batch_size', 2: f'{name}_height', 3: f'{name}_width'} for name in names}
    bytes_ = dict(
        controlnet=export.graph(
            folder, 'controlnet', Net(net), (*inputs, torch.rand(2, 3, size, size), torch.ones(1)), [*plain, 'controlnet_cond', 'conditioning_scale'], names,
            axes | {'controlnet_cond': {0: 'batch_size', 2: 'picture_height', 3: 'picture_width'}}, 'int8'),
        unet_controlnet=export.graph(
            folder, 'unet_controlnet', Controlled(unet), (*inputs, *residuals), [*plain, *names], ['out_sample'], axes | {'out_sample': export.PICTURE}, 'int8'))
    config_of(folder, 'controlnet', net), config_of(folder, 'unet_controlnet', unet)
    run.log('control', folder=folder, bytes=bytes_)
    return bytes_


def measure(run, guidance, count=128):
    """How well drawn pictures follow the edges of compositions with the same captions, with and without control; writes `control/metrics.json`."""
    net = judge.load(run)
    encoder, decoder, scale = train_autoencoder.load(run)
    made, plans = evaluate.compositions(run, 'train', count)
    wanted, captions = canny(made, FINE), [plan.caption for plan in plans]
    with torch.no_grad():
        back = decoder(encoder(to_input(made)))
    drawn = dict(
        control=ControlledPainter(run, 'weights', wanted)(captions, guidance=guidance, **SETTINGS),
        control_half=ControlledPainter(run, 'weights', wanted, .5)(captions, guidance=guidance, **SETTINGS),
        none=TorchPainter(run, 'weights')(captions, guidance=guidance, **SETTINGS),
        autoencoder=((back.clamp(-1, 1).permute(0, 2, 3, 1) + 1) * 127.5).round().byte().numpy())
    found = {name: dict(edges=agreement(canny(pictures, FINE), wanted)) | judge.figures(net, pictures, plans) for name, pictures in drawn.items()}
    found = dict(settings=SETTINGS | dict(guidance=guidance, pictures=count), **found)
    run.log('control', **{name: value['edges'] for name, value in found.items() if 'edges' in value})
    with open(run.path('control', 'metrics.json'), 'w') as file:
        json.dump(found, file, indent=1)
    return found, made, wanted, drawn


def sheet(run, path, guidance, rows=6, columns=4):
    """Edges of compositions, of all that they show or of their things alone, and what is drawn along them for the caption."""
    count, r = rows * columns, random.Random(8)
    made, plans = evaluate.compositions(run, 'any', count, seed=66, pairs=.2, synonyms=0.)
    bank = load(run)
    wanted = canny(np.stack([things_alone(plan, bank, run.config.size) if r.random() < .5 else image for plan, image in zip(plans, made)]), FINE)
    drawn = ControlledPainter(run, 'weights', wanted)([plan.caption for plan in plans], guidance=guidance, **SETTINGS)
    lines = (wanted[..., None].expand(-1, -1, -1, 3).numpy() * 255).astype(np.uint8)
    pairs = [np.concatenate(pair, 1) for pair in zip(lines, drawn)]
    Image.fromarray(np.concatenate([np.concatenate(pairs[i:i + columns], 1) for i in range(0, count, columns)])).save(path)
