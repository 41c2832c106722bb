/**
 * Super-resolution in latent space (Rombach et al. 2022, arXiv 2112.10752, section 4.4): the low-resolution picture is
 * noised a little, the network is told how much, and sees it as further channels. Its noise is drawn before the latents'.
 */
import type { Scheduler } from '../schedulers/scheduler.ts'
import type { FloatTensor } from '../tensor.ts'
import { startFromNoise } from './from-noise.ts'
import { forBatch, type Start, type StartContext } from './start.ts'

export interface UpscaleStart {
  /** The low-resolution picture, [1, 3, height, width] in -1..1, one pixel a latent. */
  pixels: FloatTensor
  /** Train step of the low-resolution schedule whose noise is added. */
  noiseLevel: number
  /** Made from `low_res_scheduler/scheduler_config.json`. */
  lowResScheduler: Scheduler
}

export function startUpscaling(context: StartContext, { pixels, noiseLevel, lowResScheduler }: UpscaleStart): Start {
  const noise = context.source.normal(pixels.dims)
  const noised = { dims: pixels.dims, data: lowResScheduler.addNoise(pixels.data, noise, noiseLevel) }
  const shown = forBatch(noised, context.dims)
  return {
    ...startFromNoise(context),
    extraChannelsOf: () => shown,
    conditions: { class_labels: { dims: [1], data: Float32Array.of(noiseLevel) } },
  }
}
