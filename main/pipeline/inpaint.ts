/**
 * Repainting a part of a picture. A network with channels for it (latents, mask, masked picture: nine for four latent
 * channels) is shown both in every step; any other is held to the picture by putting its noised latents back outside
 * the mask after every step:  x = m x + (1 - m) q(x_t | x_0). Where the mask's grey values are strengths, m is 0 until the
 * step at which such a strength would begin, and 1 from there on (release-by-strength.ts).
 * Draws, mask and start follow diffusers' StableDiffusionInpaintPipeline, so that a seed means the same picture.
 */
import type { PictureEncoder, Posterior } from './autoencoder.ts'
import { samplePosterior } from './autoencoder.ts'
import { noisedForCall, noisedLatents, noiseLatents } from './latents.ts'
import { blendMasked, hideMasked, resizeNearest } from './masks.ts'
import type { NormalSource } from './random/normal-source.ts'
import { releaseByStrength } from './release-by-strength.ts'
import type { Scheduler } from './schedulers/scheduler.ts'
import { forBatch } from './starts/start.ts'
import { concatChannels, repeatRows, type FloatTensor } from './tensor.ts'

export interface InpaintInput {
  autoencoder: PictureEncoder
  scheduler: Scheduler
  /** Channels that the network takes. */
  networkChannels: number
  /** Of the latents: [batch, channels, height, width]. */
  dims: readonly number[]
  /** [1 or batch, 3, height, width] in -1..1. */
  pixels: FloatTensor
  /** [1, 1, height, width]; 1 is repainted, 0 kept, between them blending mixes. */
  mask: FloatTensor
  strength: number
  /** The mask's values between 0 and 1 are strengths, parts of `strength`. */
  maskAsStrength: boolean
  /** First model call. */
  begin: number
  source: NormalSource
  draw: () => FloatTensor
}

export interface InpaintStart {
  noise: FloatTensor
  latents: FloatTensor
  /** Behind the latents in every call; null for a network without channels for it. */
  extraChannels: FloatTensor | null
  afterStep: ((latents: Float32Array, index: number) => Float32Array) | null
}

export async function prepareInpaint(input: InpaintInput): Promise<InpaintStart> {
  const { autoencoder, scheduler, dims, pixels, strength, maskAsStrength, begin, source } = input
  const [batch, channels, height, width] = dims
  const hasChannels = input.networkChannels === 2 * channels + 1
  const mask = resizeNearest(input.mask, height, width)
  const sample = (posterior: Posterior): FloatTensor => {
    const drawn = samplePosterior(posterior, () => source.normal(posterior.mean.dims))
    return forBatch(autoencoder.toScaled(drawn), dims)
  }

  const posterior = hasChannels && strength === 1 && !maskAsStrength ? null : await autoencoder.encode(pixels)
  const picture = posterior && sample(posterior)
  const noise = input.draw()
  const started =
    picture === null || strength === 1
      ? noiseLatents(noise.data, dims, scheduler)
      : noisedLatents(picture, noise.data, scheduler, begin)
  const release = picture && maskAsStrength ? releaseByStrength({ picture, noise, mask, scheduler, begin }) : null
  const latents = release === null ? started : { dims, data: release(started.data, begin - 1) }
  if (hasChannels) {
    const shown = wholeMask(input.mask, maskAsStrength)
    const hidden = sample(await autoencoder.encode(hideMasked(pixels, shown)))
    const extraChannels = concatChannels([repeatRows(resizeNearest(shown, height, width), batch), hidden])
    return { noise, latents, extraChannels, afterStep: release }
  }
  // diffusers draws for the masked picture too, and the sampler's own noise comes after it.
  if (posterior !== null && posterior.logVariance !== null) source.normal(posterior.mean.dims)
  return {
    noise,
    latents,
    extraChannels: null,
    afterStep: release ?? (picture && keepOutside(picture, noise, mask, scheduler)),
  }
}

/**
 * What a network with channels for a mask is told: it knows no shares. Where greys are strengths, all that may change is
 * hidden from it; told to keep what is below a half, it would draw the picture again there, however late it is released.
 */
function wholeMask({ dims, data }: FloatTensor, maskAsStrength: boolean): FloatTensor {
  return { dims, data: data.map(value => ((maskAsStrength ? value > 0 : value >= 0.5) ? 1 : 0)) }
}

/** `picture` is shown with the noise that the next call expects, and clean after the last one. */
function keepOutside(picture: FloatTensor, noise: FloatTensor, mask: FloatTensor, scheduler: Scheduler) {
  return (latents: Float32Array, index: number): Float32Array =>
    blendMasked(noisedForCall(picture, noise, scheduler, index + 1), latents, mask.data)
}
