/**
 * Noise levels between sigma_max and sigma_min that do not follow the training steps, and the training step that belongs
 * to a noise level. All in doubles; samplers round the result to float32.
 *
 *   Karras       (max^(1/rho) + u (min^(1/rho) - max^(1/rho)))^rho, rho = 7     Karras et al. 2022, equation 5 (2206.00364)
 *   exponential  exp of equal steps in log sigma (EDM's and Lu's "lambda" spacing)
 *   beta         min + (max - min) Q(1 - u), Q the quantile of Beta(0.6, 0.6)   Lee et al. 2024 (2407.12173)
 */
import { betaQuantile } from './beta-quantile.ts'
import { linspace, logFloat32 } from './numbers.ts'

const KARRAS_RHO = 7
const BETA_SHAPE = 0.6
const SMALLEST_SIGMA = 1e-10

export type SigmaSpacing = 'karras' | 'exponential' | 'beta'

export interface SigmaRange {
  min: number
  max: number
}

export function spacedSigmas(spacing: SigmaSpacing, range: SigmaRange, count: number): Float64Array {
  switch (spacing) {
    case 'karras':
      return karrasSigmas(range, count)
    case 'exponential':
      return linspace(Math.log(range.max), Math.log(range.min), count).map(Math.exp)
    case 'beta':
      return linspace(0, 1, count).map(
        u => range.min + betaQuantile(1 - u, BETA_SHAPE, BETA_SHAPE) * (range.max - range.min),
      )
  }
}

export function karrasSigmas({ min, max }: SigmaRange, count: number, rho = KARRAS_RHO): Float64Array {
  const low = min ** (1 / rho)
  const high = max ** (1 / rho)
  return linspace(0, 1, count).map(u => (high + u * (low - high)) ** rho)
}

/** sigma -> the (fractional) training step of that level: linear in log sigma, clipped to the training range. */
export function timestepOfSigma(sigma: number, logSigmas: Float32Array): number {
  const logSigma = Math.log(Math.max(sigma, SMALLEST_SIGMA))
  const low = lastNotAbove(logSigmas, logSigma)
  const weight = (logSigmas[low] - logSigma) / Math.fround(logSigmas[low] - logSigmas[low + 1])
  const clipped = Math.min(Math.max(weight, 0), 1)
  return (1 - clipped) * low + clipped * (low + 1)
}

/** The same in float32: the reference computes the levels in the middle of a step so, and small ones end at exactly 0. */
export function timestepOfSigmaFloat32(sigma: number, logSigmas: Float32Array): number {
  const { fround } = Math
  const logSigma = fround(Math.log(Math.max(sigma, SMALLEST_SIGMA)))
  const low = lastNotAbove(logSigmas, logSigma)
  const weight = fround(fround(logSigmas[low] - logSigma) / fround(logSigmas[low] - logSigmas[low + 1]))
  const clipped = Math.min(Math.max(weight, 0), 1)
  return fround(fround(fround(1 - clipped) * low) + fround(clipped * (low + 1)))
}

export function logOf(sigmas: Float32Array): Float32Array {
  return sigmas.map(logFloat32)
}

/** Index of the last entry <= value, from 0 to length - 2; levels that do not rise everywhere (zero terminal SNR) count too. */
function lastNotAbove(levels: Float32Array, value: number): number {
  let index = levels.length - 1
  while (index > 0 && !(levels[index] <= value)) index--
  return Math.min(index, levels.length - 2)
}
