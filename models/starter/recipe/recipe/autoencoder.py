"""The starter's autoencoder: 8 times smaller, 4 channels, deterministic, cheap at full resolution.

Pixel shuffles stand where other designs have full-size convolutions; GroupNorm lets it learn within a CPU's budget.
Blocks beyond those of the version before start as the identity (their last convolution is zero), so a deeper network
goes on exactly where a shallower one ended.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

GROUPS = 16


def conv(inputs, outputs, **options):
    return nn.Conv2d(inputs, outputs, 3, padding=1, **options)


class Block(nn.Module):
    """GroupNorm, SiLU, convolution, twice, with a residual path."""

    def __init__(self, channels):
        super().__init__()
        self.norm1, self.conv1 = nn.GroupNorm(GROUPS, channels), conv(channels, channels)
        self.norm2, self.conv2 = nn.GroupNorm(GROUPS, channels), conv(channels, channels)

    def forward(self, x):
        return x + self.conv2(F.silu(self.norm2(self.conv1(F.silu(self.norm1(x))))))


def blocks(channels, count):
    return [Block(channels) for _ in range(count)]


class Encoder(nn.Module):
    """Pictures [N, 3, H, W] in -1..1 -> latents [N, 4, H/8, W/8], not scaled."""

    def __init__(self, channels=(64, 96), count=1, latent=4):
        super().__init__()
        self.inp, self.a = conv(48, channels[0]), nn.Sequential(*blocks(channels[0], count))
        self.down = conv(channels[0], channels[1], stride=2)
        self.b = nn.Sequential(*blocks(channels[1], count), nn.GroupNorm(GROUPS, channels[1]), nn.SiLU(), conv(channels[1], latent))

    def forward(self, x):
        return self.b(self.down(self.a(self.inp(F.pixel_unshuffle(x, 4)))))


class Decoder(nn.Module):
    """Latents [N, 4, h, w], not scaled -> pictures [N, 3, 8h, 8w], about -1..1."""

    def __init__(self, channels=(48, 80, 128), counts=(1, 2, 3), latent=4):
        super().__init__()
        fine, middle, coarse = channels
        self.inp, self.a, self.up1 = conv(latent, coarse), nn.Sequential(*blocks(coarse, counts[2])), conv(coarse, middle)
        self.b, self.up2 = nn.Sequential(*blocks(middle, counts[1])), conv(middle, fine)
        self.c = nn.Sequential(*blocks(fine, counts[0]), nn.GroupNorm(GROUPS, fine), nn.SiLU(), conv(fine, 12))

    def forward(self, z):
        x = self.b(self.up1(F.interpolate(self.a(self.inp(z)), scale_factor=2.0, mode='nearest')))
        return F.pixel_shuffle(self.c(self.up2(F.interpolate(x, scale_factor=2.0, mode='nearest'))), 2)


def make(config):
    """Encoder and decoder of a configuration."""
    return Encoder(*config.encoder), Decoder(*config.decoder)


def _grow(network, old):
    """Fits the weights of a shallower network: a stage's extra blocks become identities before its closing layers."""
    new = network.state_dict()
    for stage in ('a', 'b', 'c'):
        deep = _indices(new, stage)
        shallow = _indices(old, stage)
        extra = len(deep) - len(shallow)
        if extra == 0:
            continue
        first_plain = sum(1 for i in shallow if f'{stage}.{i}.conv1.weight' in old)
        moved = {}
        for key in [k for k in old if k.startswith(f'{stage}.')]:
            _, index, rest = key.split('.', 2)
            if int(index) >= first_plain:
                moved[f'{stage}.{int(index) + extra}.{rest}'] = old.pop(key)
        old.update(moved)
        for i in range(first_plain, first_plain + extra):
            for key in [k for k in new if k.startswith(f'{stage}.{i}.')]:
                old[key] = torch.zeros_like(new[key]) if '.conv2.' in key else new[key]
    network.load_state_dict(old)


def _indices(state, stage):
    return sorted({int(key.split('.')[1]) for key in state if key.startswith(f'{stage}.')} | _silent(state, stage))


def _silent(state, stage):
    """SiLU layers have no weights, so their index is missing between the last norm and the last convolution."""
    seen = {int(key.split('.')[1]) for key in state if key.startswith(f'{stage}.')}
    return set(range(max(seen) + 1)) if seen else set()


def warm_start(encoder, decoder, saved):
    """Loads `encoder.*` and `decoder.*` weights of the same or a shallower autoencoder."""
    for name, network in (('encoder', encoder), ('decoder', decoder)):
        state = {key[len(name) + 1:]: value.float() for key, value in saved.items() if key.startswith(name + '.')}
        _grow(network, state)
