/** Latents at the first noise level: their shape, pure noise, a noised picture. */
import type { Scheduler } from './schedulers/scheduler.ts'
import type { FloatTensor } from './tensor.ts'

export interface Size {
  height: number
  width: number
}

/** [batch, channels, height / factor, width / factor] */
export function latentDims(batch: number, channels: number, { height, width }: Size, factor: number): number[] {
  return [batch, channels, Math.floor(height / factor), Math.floor(width / factor)]
}

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

/** `image` with the noise that call `index` expects; as it is where no call follows. */
export function noisedForCall(
  image: FloatTensor,
  noise: FloatTensor,
  scheduler: Scheduler,
  index: number,
): Float32Array {
  const { timesteps } = scheduler
  return index < timesteps.length ? scheduler.addNoise(image.data, noise.data, timesteps[index]) : image.data
}
