/**
 * Editing by instruction (Brooks et al. 2023, arXiv 2211.09800): pure noise, and the picture's latents as further input
 * channels. They are the posterior's mode, unscaled; the side without the picture sees zeros.
 */
import type { FloatTensor } from '../tensor.ts'
import { startFromNoise } from './from-noise.ts'
import { forBatch, type Start, type StartContext } from './start.ts'

export async function startInstructed(context: StartContext, pixels: FloatTensor): Promise<Start> {
  const start = startFromNoise(context)
  const image = forBatch((await context.autoencoder.encode(pixels)).mean, context.dims)
  const nothing = { dims: image.dims, data: new Float32Array(image.data.length) }
  return { ...start, extraChannelsOf: side => (side === 'negative-without-image' ? nothing : image) }
}
