"""Draws pictures from captions: with the torch weights or with the exported ONNX files, around the schedulers of diffusers."""
import json
import os

import numpy as np
import onnxruntime
import torch
from diffusers import DDIMScheduler, DPMSolverMultistepScheduler, EulerDiscreteScheduler, LCMScheduler

from . import networks, objectives, train_autoencoder
from .tokenizer import Tokenizer

SCHEDULE = dict(num_train_timesteps=1000, beta_start=1e-4, beta_end=.02, beta_schedule='linear', prediction_type='v_prediction', timestep_spacing='trailing')
SAMPLERS = {
    'ddim': lambda: DDIMScheduler(**SCHEDULE, clip_sample=False, set_alpha_to_one=True, steps_offset=0),
    'euler': lambda: EulerDiscreteScheduler(**SCHEDULE),
    'dpmpp-2m': lambda: DPMSolverMultistepScheduler(**SCHEDULE, algorithm_type='dpmsolver++'),
    'lcm': lambda: LCMScheduler(**SCHEDULE, original_inference_steps=20)}   # 20: the grid of few_step.py


class Painter:
    """What both kinds share: guidance, the sampler's loop, batches. Subclasses give `encode`, `predict` and `decode`."""
    at_once = 32

    @torch.no_grad()
    def latents(self, captions, noise, steps=20, guidance=4., sampler='ddim', negative=''):
        """Scaled latents [N, 4, h, w] float32 for captions and unit noise of that shape."""
        n, guided = len(captions), guidance != 1
        context = self.encode([negative] * n * guided + list(captions))
        scheduler, generator = SAMPLERS[sampler](), torch.Generator().manual_seed(0)   # only LCM draws from it
        scheduler.set_timesteps(steps)
        x = torch.as_tensor(noise, dtype=torch.float32) * scheduler.init_noise_sigma
        for t in scheduler.timesteps:
            v = self.predict(scheduler.scale_model_input(x, t).repeat(1 + guided, 1, 1, 1), t, context)
            x = scheduler.step(v[:n] + guidance * (v[n:] - v[:n]) if guided else v, t, x, generator=generator).prev_sample
        return x

    def __call__(self, captions, seed=5, **settings):
        """Pictures uint8 [N, S, S, 3]; the noise comes from numpy's generator at `seed`."""
        noise = np.random.default_rng(seed).standard_normal((len(captions), 4, self.side, self.side)).astype(np.float32)
        out = []
        for i in range(0, len(captions), self.at_once):
            y = self.decode(self.latents(captions[i:i + self.at_once], noise[i:i + self.at_once], **settings))
            out.append(((y.clamp(-1, 1).permute(0, 2, 3, 1) + 1) * 127.5).round().byte().numpy())
        return np.concatenate(out)


class TorchPainter(Painter):
    """The averaged weights of a run, in bfloat16 autocast unless `exact`."""

    def __init__(self, run, folder='model', exact=False, device='cpu'):
        self.tokenizer, self.side, self.exact, self.device = Tokenizer(run.path('model', 'tokenizer')), run.config.size // 8, exact, device
        self.text, self.unet = networks.load(run, folder, device)
        self.unet.set_attn_processor(networks.PlainAttention())
        _, self.decoder, self.scale = train_autoencoder.load(run, device)

    def encode(self, captions):
        return self.text(torch.tensor([self.tokenizer(c) for c in captions], device=self.device)).last_hidden_state

    def predict(self, x, t, context):
        with torch.autocast(self.device, torch.bfloat16, enabled=not self.exact):
            return self.unet(x.to(self.device), t, context).sample.float().cpu()

    def decode(self, latents):
        with torch.no_grad():
            return self.decoder((latents / self.scale).to(self.device)).cpu()


class FlowPainter(TorchPainter):
    """The torch weights of a run that learned a rectified flow; Euler only."""

    @torch.no_grad()
    def latents(self, captions, noise, steps=20, guidance=4., sampler='euler', negative=''):
        n = len(captions)
        context = self.encode([negative] * n + list(captions))

        def predict(x, t):
            v = self.predict(x.repeat(2, 1, 1, 1), torch.full((2 * n,), float(t)), context)
            return v[:n] + guidance * (v[n:] - v[:n])
        return objectives.Flow().sample(predict, torch.as_tensor(noise), steps)


class OnnxPainter(Painter):
    """An exported folder in ONNX Runtime."""
    at_once = 16

    def __init__(self, folder, threads=1):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.log_severity_level = threads, 3
        self.sessions = {p: onnxruntime.InferenceSession(f'{folder}/{p}/model.onnx', options) for p in ('text_encoder', 'unet', 'vae_decoder')}
        self.tokenizer = Tokenizer(os.path.join(folder, 'tokenizer'))
        with open(f'{folder}/vae_decoder/config.json') as file:
            config = json.load(file)
        self.scale, self.side = config['scaling_factor'], config['sample_size'] // 8

    def run(self, part, **inputs):
        return torch.from_numpy(self.sessions[part].run(None, inputs)[0])

    def encode(self, captions):
        return self.run('text_encoder', input_ids=np.array([self.tokenizer(c) for c in captions], np.int64))

    def predict(self, x, t, context):
        return self.run('unet', sample=x.numpy(), timestep=np.array(round(float(t)), np.int64), encoder_hidden_states=context.numpy())

    def decode(self, latents):
        return self.run('vae_decoder', latent_sample=(latents / self.scale).numpy())
