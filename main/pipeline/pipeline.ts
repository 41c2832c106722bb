/**
 * Latent diffusion from prompt to picture: encode -> prepare -> denoise -> decode (Rombach et al. 2022, arXiv
 * 2112.10752). One call makes one batch; progress is what the generator yields, policy (previews, files, events) is
 * the caller's.
 */
import { AppError } from '#contract/errors'
import { samplePosterior } from './autoencoder.ts'
import type { Components } from './components.ts'
import type { Conditions } from './denoiser.ts'
import { denoise, throwIfCancelled, type DenoiseStep } from './denoise.ts'
import { createClassifierFreeGuidance } from './guidance/classifier-free.ts'
import type { Side } from './guidance/guidance.ts'
import { prepareInpaint, type InpaintStart } from './inpaint.ts'
import { drawNoise, firstCall, latentDims, noisedLatents, noiseLatents, type Size } from './latents.ts'
import { createPredictor } from './predictor.ts'
import type { NormalSource } from './random/normal-source.ts'
import type { Scheduler } from './schedulers/scheduler.ts'
import type { FloatTensor } from './tensor.ts'
import type { TextConditions } from './text/clip-conditioner.ts'

export interface SamplingSettings {
  steps: number
  guidance: number
  guidanceRescale: number
}

export interface StartingImage {
  /** [batch, 3, height, width] in -1..1, of the render size. */
  pixels: FloatTensor
  /** 1 keeps nothing of the picture, 0 everything. */
  strength: number
  /** [1, 1, height, width] of the render size: 1 is repainted, 0 is kept. */
  mask?: FloatTensor
}

export interface ImageRequest {
  /** Starts over with every call; one object serves many pictures. */
  scheduler: Scheduler
  settings: SamplingSettings
  /** From `components.conditioner.encode`; guided when it has a negative side. */
  conditions: TextConditions
  size: Size
  batch: number
  /** Draws the initial noise, then what the sampler draws; in diffusers' order. */
  noise: NormalSource
  /** Replaces the first draw from `noise`, for example to mix in a variation. */
  drawInitial?: (source: NormalSource, dims: readonly number[]) => Float32Array
  image?: StartingImage
  signal: AbortSignal
}

export type PipelineEvent =
  | { type: 'prepared'; noise: FloatTensor; latents: FloatTensor; calls: number; scheduler: Scheduler }
  | ({ type: 'step' } & DenoiseStep)
  | { type: 'decoding' }

export interface PipelineResult {
  /** [batch, 3, height, width], about -1..1. */
  image: FloatTensor
  /** Scaled latents of the picture. */
  latents: FloatTensor
}

export async function* makeImages(
  components: Components,
  request: ImageRequest,
): AsyncGenerator<PipelineEvent, PipelineResult, void> {
  const { denoiser, autoencoder } = components
  const { scheduler, settings, conditions, noise, signal, batch } = request
  scheduler.setTimesteps({ steps: settings.steps })

  const dims = latentDims(batch, autoencoder.latentChannels, request.size, autoencoder.factor)
  const start = await prepare(components, dims, request)
  const { begin, extraChannels, afterStep } = start
  const calls = scheduler.timesteps.length - begin
  yield { type: 'prepared', noise: start.noise, latents: start.latents, calls, scheduler }

  const guidance = createClassifierFreeGuidance({
    scale: settings.guidance,
    rescale: settings.guidanceRescale,
    interval: ALL_STEPS,
  })
  const conditionsOf = (side: Side): Conditions => conditionsFor(conditions, side)
  const predict = createPredictor({
    denoiser,
    guidance,
    conditionsOf,
    extraChannelsOf: extraChannels && (() => extraChannels),
    batch,
  })
  const end = scheduler.timesteps.length
  let latents = start.latents
  for await (const step of denoise({ scheduler, latents, begin, end, predict, noise, afterStep, signal })) {
    latents = { dims, data: step.latents }
    yield { type: 'step', ...step }
  }

  yield { type: 'decoding' }
  const image = await autoencoder.decode(latents)
  throwIfCancelled(signal)
  return { image, latents }
}

interface Start extends InpaintStart {
  begin: number
}

/** Draws in diffusers' order: the picture's posterior, then the noise. */
async function prepare(
  { autoencoder, denoiser }: Components,
  dims: readonly number[],
  { scheduler, settings, image, noise: source, drawInitial }: ImageRequest,
): Promise<Start> {
  const draw = (): FloatTensor => (drawInitial ? { dims, data: drawInitial(source, dims) } : drawNoise(source, dims))
  if (image === undefined) {
    const noise = draw()
    return { ...WITHOUT_MASK, begin: 0, noise, latents: noiseLatents(noise.data, dims, scheduler) }
  }
  const begin = firstCall(settings.steps, image.strength, scheduler.order)
  if (begin >= scheduler.timesteps.length) {
    throw new AppError('invalid-input', `Strength ${image.strength} of ${settings.steps} steps leaves no step to run.`)
  }
  scheduler.setBeginIndex(begin)
  if (image.mask !== undefined) {
    const networkChannels = Number(denoiser.sample.shape[1])
    const input = { ...image, mask: image.mask, autoencoder, scheduler, networkChannels, dims, begin, source, draw }
    return { begin, ...(await prepareInpaint(input)) }
  }
  const posterior = await autoencoder.encode(image.pixels)
  const encoded = autoencoder.toScaled(samplePosterior(posterior, () => source.normal(dims)))
  const noise = draw()
  return { ...WITHOUT_MASK, begin, noise, latents: noisedLatents(encoded, noise.data, scheduler, begin) }
}

const WITHOUT_MASK = { extraChannels: null, afterStep: undefined }

const ALL_STEPS = { start: 0, end: 1 }

/** Conditions without a negative side belong to a run without guidance, which asks for the positive one only. */
function conditionsFor({ positive, negative }: TextConditions, side: Side): Conditions {
  if (side === 'positive') return positive
  if (negative === null) throw new AppError('internal', 'Guidance asks for a negative prompt that was not encoded.')
  return negative
}
