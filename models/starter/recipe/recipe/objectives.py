"""What the U-Net learns to predict: v (DDPM, `linear` betas, nearly no signal at the last step) or the velocity of a rectified flow.

Both draw their time from the same logit-normal over rectified-flow time, so that they can be compared at an equal budget.
"""
import torch

STEPS = 1000
CENTRE, SPREAD = .1, 1.1


def flow_times(n, device='cpu'):
    """Rectified-flow times in 0..1, most of them in the middle."""
    return torch.sigmoid(torch.randn(n, device=device) * SPREAD + CENTRE)


class VPrediction:
    """v = alpha * noise - sigma * x0 (Salimans and Ho, 2022)."""

    def __init__(self, device='cpu'):
        self.alpha_bar = torch.cumprod(1 - torch.linspace(1e-4, .02, STEPS, dtype=torch.float64), 0).float().to(device)
        self.log_snr = (self.alpha_bar / (1 - self.alpha_bar)).log().flip(0).contiguous()

    def times(self, n):
        s = flow_times(n, self.alpha_bar.device)
        return (STEPS - torch.searchsorted(self.log_snr, 2 * (torch.log1p(-s) - torch.log(s)))).clamp(0, STEPS - 1)

    def mix(self, t):
        a = self.alpha_bar[t].view(-1, 1, 1, 1)
        return a.sqrt(), (1 - a).sqrt()

    def noisy(self, x0, noise, t):
        alpha, sigma = self.mix(t)
        return alpha * x0 + sigma * noise, alpha * noise - sigma * x0

    def sample(self, predict, noise, steps):
        """DDIM with trailing spacing; `predict(x, t)` gives v."""
        x, times = noise, [round(STEPS - i * STEPS / steps) - 1 for i in range(steps)]
        for i, t in enumerate(times):
            v = predict(x, t)
            a = self.alpha_bar[t]
            b = self.alpha_bar[times[i + 1]] if i + 1 < steps else torch.ones_like(a)
            x0, e = a.sqrt() * x - (1 - a).sqrt() * v, (1 - a).sqrt() * x + a.sqrt() * v
            x = b.sqrt() * x0 + (1 - b).sqrt() * e
        return x


class Flow:
    """Rectified flow: x = (1 - s) x0 + s noise, velocity noise - x0; the U-Net is told 1000 s."""

    def __init__(self, device='cpu'):
        self.device = device

    def times(self, n):
        return flow_times(n, self.device) * STEPS

    def noisy(self, x0, noise, t):
        s = (t / STEPS).view(-1, 1, 1, 1)
        return (1 - s) * x0 + s * noise, noise - x0

    def sample(self, predict, noise, steps):
        """Euler from noise to picture."""
        x = noise
        for i in range(steps):
            s = 1 - i / steps
            x = x - predict(x, s * STEPS) / steps
        return x


def make(name, device='cpu'):
    return {'v': VPrediction, 'flow': Flow}[name](device)
