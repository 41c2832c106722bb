/**
 * Data whose diffusion is known in closed form: every component of x_0 is normal, N(m, d^2), independent of the others. For
 * x = alpha x_0 + sigma n the marginal is N(alpha m, v) with v = alpha^2 d^2 + sigma^2, so that the optimal denoiser is
 *   E[x_0 | x] = m + alpha d^2 / v (x - alpha m)
 * and the probability-flow ODE moves x along constant z = (x - alpha m) / sqrt(v). A sampler that runs with this denoiser
 * has no error but its own.
 */
import { createNoiseSchedule } from '#pipeline/noise-schedule'

/** x = alpha x_0 + sigma n */
export interface Level {
  alpha: number
  sigma: number
}

export interface Gaussian {
  mean: number
  deviation: number
}

export type PredictionType = 'epsilon' | 'sample' | 'v_prediction' | 'flow_prediction'

export function deviationAt({ deviation }: Gaussian, { alpha, sigma }: Level): number {
  return Math.hypot(alpha * deviation, sigma)
}

/** Where the ODE has a point that is z deviations from the mean. */
export function pointAt(data: Gaussian, level: Level, z: number): number {
  return level.alpha * data.mean + z * deviationAt(data, level)
}

export function optimalClean({ mean, deviation }: Gaussian, { alpha, sigma }: Level, x: number): number {
  const variance = (alpha * deviation) ** 2 + sigma ** 2
  return mean + ((alpha * deviation ** 2) / variance) * (x - alpha * mean)
}

/** What the optimal model of this parametrisation answers. */
export function optimalOutput(type: PredictionType, data: Gaussian, level: Level, x: number): number {
  const clean = optimalClean(data, level, x)
  const noise = (x - level.alpha * clean) / level.sigma
  switch (type) {
    case 'epsilon':
      return noise
    case 'sample':
      return clean
    case 'v_prediction':
      return level.alpha * noise - level.sigma * clean
    case 'flow_prediction':
      return noise - clean
  }
}

/** Variance exploding: x = x_0 + sigma n, the latents of Euler, Heun, LMS, KDPM2. */
export function explodingLevel(sigma: number): Level {
  return { alpha: 1, sigma }
}

/** Variance preserving: the same noise level with alpha^2 + sigma^2 = 1, the latents of DPM++, UniPC, DEIS. */
export function preservingLevel(sigma: number): Level {
  const alpha = 1 / Math.hypot(1, sigma)
  return { alpha, sigma: sigma * alpha }
}

/** Rectified flow: x = (1 - sigma) x_0 + sigma n. */
export function flowLevel(sigma: number): Level {
  return { alpha: 1 - sigma, sigma }
}

/** The betas of Stable Diffusion. */
export const STABLE_DIFFUSION = {
  num_train_timesteps: 1000,
  beta_start: 0.00085,
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
} as const

/** The level of a training step of Stable Diffusion; -1 is the clean picture. */
export function trainingLevel(): (timestep: number) => Level {
  const { alphasCumprod } = createNoiseSchedule({
    steps: STABLE_DIFFUSION.num_train_timesteps,
    betaStart: STABLE_DIFFUSION.beta_start,
    betaEnd: STABLE_DIFFUSION.beta_end,
    schedule: STABLE_DIFFUSION.beta_schedule,
    trainedBetas: null,
    zeroTerminalSnr: false,
  })
  return timestep => {
    const cumulative = timestep < 0 ? 1 : alphasCumprod[timestep]
    return { alpha: Math.sqrt(cumulative), sigma: Math.sqrt(1 - cumulative) }
  }
}
