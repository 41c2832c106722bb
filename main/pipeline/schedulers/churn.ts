/**
 * Churn: before a step the noise level is raised from sigma to sigma_hat = sigma (1 + gamma) and noise of that size is added.
 * Karras et al. 2022 (arXiv 2206.00364), algorithm 2. Noise is drawn only where gamma > 0.
 */
import { numberField, type Values } from './config-fields.ts'
import { addScaled, scaled } from './kernels.ts'
import { drawNoise } from './sampler.ts'
import type { StepInput } from './scheduler.ts'

export const CHURN_OPTIONS = {
  s_churn: numberField(0, { min: 0 }),
  s_tmin: numberField(0, { min: 0 }),
  s_tmax: numberField(Infinity, { min: 0 }),
  s_noise: numberField(1, { min: 0 }),
}
export type ChurnOptions = Values<typeof CHURN_OPTIONS>

const { fround, sqrt } = Math

export interface Churned {
  sigmaHat: number
  sample: Float32Array
}

/** `levels`: number of noise levels of the run, the last included. */
export function churned(options: ChurnOptions, levels: number, sigma: number, input: StepInput): Churned {
  const applies = options.s_tmin <= sigma && sigma <= options.s_tmax
  const gamma = applies ? Math.min(options.s_churn / (levels - 1), Math.SQRT2 - 1) : 0
  const sigmaHat = fround(sigma * fround(gamma + 1))
  if (gamma === 0) return { sigmaHat, sample: input.sample }
  const rise = fround(sqrt(fround(fround(sigmaHat * sigmaHat) - fround(sigma * sigma))))
  const noise = scaled(fround(options.s_noise), drawNoise(input))
  return { sigmaHat, sample: addScaled(input.sample.slice(), rise, noise) }
}
