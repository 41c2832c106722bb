/**
 * From what a model predicts to what a sampler needs, for a noisy sample x = alpha x0 + sigma eps:
 *
 *   epsilon   x0 = (x - sigma eps) / alpha
 *   v         x0 = alpha x - sigma v,  eps = alpha v + sigma x        Salimans & Ho 2022 (arXiv 2202.00512), appendix D
 *   sample    x0 as it is,             eps = (x - alpha x0) / sigma
 *   flow      x0 = x - sigma u                                        Lipman et al. 2023 (2210.02747); alpha = 1 - sigma
 */
import { combine2, differenceQuotient } from './kernels.ts'

export const PREDICTION_TYPES = ['epsilon', 'sample', 'v_prediction'] as const
export const FLOW_PREDICTION_TYPES = [...PREDICTION_TYPES, 'flow_prediction'] as const
export type PredictionType = (typeof PREDICTION_TYPES)[number]
export type FlowPredictionType = (typeof FLOW_PREDICTION_TYPES)[number]

export interface Level {
  alpha: number
  sigma: number
}

const { fround } = Math

/** alpha = sqrt(abar), sigma = sqrt(1 - abar). */
export function levelOfAlphaCumprod(alphaCumprod: number): Level {
  return { alpha: fround(Math.sqrt(alphaCumprod)), sigma: fround(Math.sqrt(fround(1 - alphaCumprod))) }
}

/** Noise-to-signal ratio sigma -> variance preserving alpha = 1 / sqrt(sigma^2 + 1) and sigma alpha. */
export function levelOfSigma(sigma: number): Level {
  const alpha = fround(1 / fround(Math.sqrt(fround(fround(sigma * sigma) + 1))))
  return { alpha, sigma: fround(sigma * alpha) }
}

/** Rectified flow: x = (1 - sigma) x0 + sigma eps. */
export function levelOfFlowSigma(sigma: number): Level {
  return { alpha: fround(1 - sigma), sigma }
}

/** Half the log signal-to-noise ratio, log(alpha) - log(sigma); infinite where there is no noise. */
export function lambdaOf({ alpha, sigma }: Level): number {
  return fround(fround(Math.log(alpha)) - fround(Math.log(sigma)))
}

export function cleanOf(type: PredictionType, level: Level, sample: Float32Array, output: Float32Array): Float32Array {
  switch (type) {
    case 'epsilon':
      return differenceQuotient(1, sample, level.sigma, output, level.alpha)
    case 'v_prediction':
      return combine2(level.alpha, sample, -level.sigma, output)
    case 'sample':
      return output.slice()
  }
}

export function epsilonOf(
  type: PredictionType,
  level: Level,
  sample: Float32Array,
  output: Float32Array,
): Float32Array {
  switch (type) {
    case 'epsilon':
      return output.slice()
    case 'v_prediction':
      return combine2(level.alpha, output, level.sigma, sample)
    case 'sample':
      return differenceQuotient(1, sample, level.alpha, output, level.sigma)
  }
}

/** The same for a sample in units where x = x0 + sigma eps (Karras et al. 2022); `sigma` is the model's, `sigmaHat` the churned. */
export function cleanOfScaled(
  type: PredictionType,
  sigma: number,
  sigmaHat: number,
  sample: Float32Array,
  output: Float32Array,
): Float32Array {
  switch (type) {
    case 'epsilon':
      return combine2(1, sample, -sigmaHat, output)
    case 'v_prediction':
      return cleanOfScaledVelocity(sigma, sample, output)
    case 'sample':
      return output.slice()
  }
}

/** x0 = -v sigma / sqrt(sigma^2 + 1) + x / (sigma^2 + 1) */
function cleanOfScaledVelocity(sigma: number, sample: Float32Array, output: Float32Array): Float32Array {
  const total = fround(fround(sigma * sigma) + 1)
  const factor = fround(-sigma / fround(Math.sqrt(total)))
  const out = new Float32Array(sample.length)
  for (let i = 0; i < out.length; i++) out[i] = fround(output[i] * factor) + fround(sample[i] / total)
  return out
}

/**
 * Models with a learned variance answer with twice the channels: in each image the first half is the prediction, the second
 * says something about the variance.
 */
export function splitLearnedVariance(
  output: Float32Array,
  batch: number,
): { prediction: Float32Array; variance: Float32Array } {
  const size = output.length / batch / 2
  const prediction = new Float32Array(size * batch)
  const variance = new Float32Array(size * batch)
  for (let b = 0; b < batch; b++) {
    prediction.set(output.subarray(2 * b * size, (2 * b + 1) * size), b * size)
    variance.set(output.subarray((2 * b + 1) * size, (2 * b + 2) * size), b * size)
  }
  return { prediction, variance }
}
