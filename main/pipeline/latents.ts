/**
 * The latents at the first noise level: pure noise for a prompt alone, a noised picture for image to image. The order
 * in which noise is drawn is diffusers', because a seed means nothing without it.
 */
import type { NormalSource } from './random/normal-source.ts'
import type { Scheduler } from './schedulers/scheduler.ts'
import type { FloatTensor } from './tensor.ts'

/** x_T = n * initNoiseSigma */
export function noiseLatents(noise: Float32Array, dims: readonly number[], scheduler: Scheduler): FloatTensor {
  const { initNoiseSigma } = scheduler
  return { dims, data: noise.map(value => value * initNoiseSigma) }
}

/** x_t = q(x_t | x_0), by the scheduler's own forward process at its first timestep. */
export function noisedLatents(
  image: FloatTensor,
  noise: Float32Array,
  scheduler: Scheduler,
  begin: number,
): FloatTensor {
  return { dims: image.dims, data: scheduler.addNoise(image.data, noise, scheduler.timesteps[begin]) }
}

/** Index of the first model call: strength 1 runs all steps, 0.3 the last 30 % of them, rounded down. */
export function firstCall(steps: number, strength: number, order: number): number {
  const run = Math.min(Math.floor(steps * strength), steps)
  return (steps - run) * order
}

export interface Size {
  height: number
  width: number
}

/** [batch, channels, height / factor, width / factor] */
export function latentDims(batch: number, channels: number, { height, width }: Size, factor: number): number[] {
  return [batch, channels, Math.floor(height / factor), Math.floor(width / factor)]
}

export function drawNoise(source: NormalSource, dims: readonly number[]): FloatTensor {
  return { dims, data: source.normal(dims) }
}
