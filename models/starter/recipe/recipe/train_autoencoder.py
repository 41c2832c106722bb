"""Trains the autoencoder on whole pictures, then (a stage of its own) the decoder alone with the encoder frozen.

Loss: L1 + gradient L1 for edges and a growing share of squared error, which is what PSNR measures; a small penalty keeps the
latents near zero mean and unit variance, and noise before the decoder keeps them smooth. Weights are averaged.
"""
import os
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

from . import autoencoder, pictures
from .training import Average, Clock, save, schedule, threads, to_input

BATCH = 12
NOISE = .05


def differences(x):
    return x[..., 1:] - x[..., :-1], x[..., 1:, :] - x[..., :-1, :]


def reconstruction_loss(x, y, done):
    """Weighted towards squared error at the end."""
    (a, b), (c, d) = differences(x), differences(y)
    edges = (a - c).abs().mean() + (b - d).abs().mean()
    squared = ((x - y) ** 2).mean((1, 2, 3))
    return .6 * (x - y).abs().mean() + (.8 - .4 * done) * edges + (2 + 4 * done) * squared.mean() + .01 * (squared + 1e-4).log().mean()


def latent_penalty(z):
    return .02 * ((z.mean((0, 2, 3)) ** 2).mean() + ((z.var((0, 2, 3)) - 1) ** 2).mean()) + 1e-3 * (z ** 2).mean()


@torch.no_grad()
def quality(encoder, decoder, fresh, device='cpu', similarity=False):
    """Mean PSNR (dB) and (where asked for: it is slow) SSIM over pictures, the deviation of their latents, the pictures back as uint8."""
    psnr, ssim, latents, back = [], [], [], []
    for i in range(0, len(fresh), 32):
        x = to_input(np.ascontiguousarray(fresh[i:i + 32])).to(device)
        z = encoder(x)
        y = decoder(z).clamp(-1, 1)
        psnr.append(10 * torch.log10(4 / ((x - y) ** 2).mean((1, 2, 3))))
        if similarity:
            ssim.append(structural_similarity(x, y))
        latents.append(z)
        back.append(((y.permute(0, 2, 3, 1) + 1) * 127.5).round().byte().cpu().numpy())
    z = torch.cat(latents)
    return torch.cat(psnr).mean().item(), torch.cat(ssim).mean().item() if ssim else None, z.std().item(), np.concatenate(back)


def structural_similarity(x, y):
    """SSIM a picture with the usual 11 x 11 Gaussian window (sigma 1.5); x and y in -1..1."""
    axis = torch.arange(11, dtype=x.dtype, device=x.device) - 5
    row = torch.exp(-axis ** 2 / 4.5)
    window = (row[:, None] * row[None] / row.sum() ** 2).expand(3, 1, 11, 11)
    blur = lambda v: F.conv2d(v, window, groups=3)
    mx, my = blur(x), blur(y)
    vx, vy, cov = blur(x * x) - mx ** 2, blur(y * y) - my ** 2, blur(x * y) - mx * my
    c1, c2 = (.01 * 2) ** 2, (.03 * 2) ** 2
    return (((2 * mx * my + c1) * (2 * cov + c2)) / ((mx ** 2 + my ** 2 + c1) * (vx + vy + c2))).mean((1, 2, 3))


def load(run, device='cpu'):
    """The run's autoencoder and its scaling factor."""
    encoder, decoder = autoencoder.make(run.config)
    state = load_file(run.path('model', 'autoencoder.safetensors'))
    scale = float(state.pop('scaling_factor'))
    autoencoder.warm_start(encoder, decoder, state)
    return encoder.eval().to(device), decoder.eval().to(device), scale


def store(run, encoder, decoder, scale, folder='model'):
    state = {'encoder.' + k: v.contiguous() for k, v in encoder.state_dict().items()}
    state |= {'decoder.' + k: v.contiguous() for k, v in decoder.state_dict().items()}
    save_file(state | {'scaling_factor': torch.tensor(scale)}, run.path(folder, 'autoencoder.safetensors'))


def from_bank(run, seed, device):
    bank, _ = pictures.load(run, 'train')
    draw = np.random.default_rng(seed)
    return lambda n: to_input(bank[np.sort(draw.choice(len(bank), n, replace=False))]).to(device)


def fresh_pictures(run, source):
    """Pictures for validation: the bank's fresh ones, or what the source gives where there is no bank."""
    if source is None:
        return pictures.load(run, 'fresh')[0][:128]
    x = source(128)
    return ((x.permute(0, 2, 3, 1) + 1) * 127.5).round().byte().cpu().numpy()


def train(run, decoder_only=False, minutes=None, device='cpu', source=None):
    """One stage of training; goes on from the stage's checkpoint, the run's weights or the warm start, in that order.

    `source(n)` gives pictures float32 [n, 3, S, S] on the device; without it they come from the bank.
    """
    config, stage = run.config, 'decoder' if decoder_only else 'autoencoder'
    torch.manual_seed(0)
    encoder, decoder = autoencoder.make(config)
    scale = None
    if decoder_only:
        encoder, decoder, scale = load(run)
    elif run.warm:
        autoencoder.warm_start(encoder, decoder, load_file(os.path.join(run.warm, 'autoencoder', 'autoencoder.safetensors')))
    for network in (encoder, decoder):
        network.to(device)   # not channels_last: its bf16 GroupNorm backward is ten times slower on a CPU
    parameters = [*decoder.parameters()] if decoder_only else [*encoder.parameters(), *decoder.parameters()]
    average = Average(parameters, .998)
    optimiser = torch.optim.AdamW(parameters, lr=7e-4, betas=(.9, .99), weight_decay=1e-4, fused=True)
    checkpoint, step, spent = run.path('checkpoints', f'{stage}.pt'), 0, 0.
    if os.path.exists(checkpoint):
        kept = torch.load(checkpoint)
        encoder.load_state_dict(kept['encoder']), decoder.load_state_dict(kept['decoder']), optimiser.load_state_dict(kept['optimiser'])
        average.values, average.step, step, spent = kept['average'], kept['step'], kept['step'], kept['spent']
    clock = Clock(minutes or (config.decoder_minutes if decoder_only else config.autoencoder_minutes), spent)
    source, fresh = source or from_bank(run, step + 1, device), fresh_pictures(run, source)
    saved, reported = time.time(), step
    if step == 0:
        run.log(stage, step=0, psnr=round(quality(encoder, decoder, fresh[:48], device)[0], 3))
    while clock.done < 1:
        for group in optimiser.param_groups:
            group['lr'] = 7e-4 * schedule(clock.done, step, warmup=150, hold=.45)
        if step % 20 == 0 and device == 'cpu':
            threads(run, min(2, len(os.sched_getaffinity(0))))
        x = source(BATCH)
        with torch.autocast(device, torch.bfloat16):
            with torch.set_grad_enabled(not decoder_only):
                z = encoder(x)
            y = decoder(z + NOISE * torch.randn_like(z))
        z, y = z.float(), y.float()
        loss = reconstruction_loss(x, y, clock.done)
        if not decoder_only:
            loss = loss + latent_penalty(z)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.)
        optimiser.step()
        step += 1
        average.update()
        if step % 100 == 0:
            run.log(stage, seconds=round(clock.passed), step=step, loss=round(loss.item(), 4), pictures_a_second=round((step - reported) * BATCH / (time.time() - saved + 1e-9), 1) if step > reported else 0)
        if time.time() - saved > 150:
            average.swap()
            psnr, _, deviation, _ = quality(encoder, decoder, fresh[:48], device)
            average.swap()
            run.log(stage, seconds=round(clock.passed), step=step, psnr=round(psnr, 3), latent_deviation=round(deviation, 3))
            save(dict(encoder=encoder.state_dict(), decoder=decoder.state_dict(), optimiser=optimiser.state_dict(), average=average.values, step=step, spent=clock.passed), checkpoint)
            saved, reported = time.time(), step
    average.swap()
    psnr, ssim, deviation, _ = quality(encoder, decoder, fresh, device, similarity=True)
    run.log(stage, seconds=round(clock.passed), step=step, psnr=round(psnr, 3), ssim=round(ssim, 4), latent_deviation=round(deviation, 3), finished=True)
    store(run, encoder, decoder, scale or round(1 / deviation, 4))
