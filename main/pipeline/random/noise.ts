/**
 * The noise that an image starts from. A seed opens one generator an image; the starting latents are its first draw, and
 * a sampler that adds noise on the way draws on from the same generator.
 */
import type { NoiseSourceId } from '#contract/generation'
import { invalidInput, showValue } from '#contract/parse'
import type { NormalSource } from './normal-source.ts'
import { PhiloxGenerator } from './philox.ts'
import { slerpColumns } from './slerp.ts'
import { TorchCpuGenerator } from './torch-cpu.ts'

export function createNormalSource(id: NoiseSourceId, seed: number): NormalSource {
  if (!Number.isSafeInteger(seed)) {
    throw invalidInput([{ path: 'seed', value: showValue(seed), allowed: 'a whole number below 2 ** 53' }])
  }
  switch (id) {
    case 'torch-cpu':
      return new TorchCpuGenerator(seed)
    case 'torch-cuda':
      return new PhiloxGenerator(seed)
  }
}

/** A second seed whose noise is mixed in; strength 0 leaves the noise as it is, 1 replaces it. */
export interface Variation {
  seed: number
  strength: number
}

/**
 * Standard normal starting latents of one image, [1, channels, height, width]; the sampler's `initNoiseSigma` scales
 * them later. `source` moves on by exactly this draw, whatever the variation is.
 */
export function drawInitialNoise(
  source: NormalSource,
  dims: readonly number[],
  variation: Variation & { noiseSource: NoiseSourceId },
): Float32Array {
  const noise = source.normal(dims)
  if (variation.strength === 0) return noise
  const other = createNormalSource(variation.noiseSource, variation.seed).normal(dims)
  return slerpColumns(variation.strength, noise, other, dims)
}
