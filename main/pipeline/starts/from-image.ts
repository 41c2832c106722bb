/**
 * Image to image (Meng et al. 2022, arXiv 2108.01073): the picture's latents are noised to the level at which the last
 * `strength` of the steps begin. Draws in diffusers' order: the posterior of the picture, then the noise.
 */
import { AppError } from '#contract/errors'
import { invalidInput } from '#contract/parse'
import { describeLeastStrength, firstStepOf, type StrengthRounding } from '#contract/strength'
import { samplePosterior } from '../autoencoder.ts'
import { noisedLatents } from '../latents.ts'
import { callsBeforeHandover, firstCallAfterHandover, handoverTimestep } from '../strength.ts'
import type { FloatTensor } from '../tensor.ts'
import { forBatch, type Start, type StartContext } from './start.ts'

export interface ImageStart {
  /** [1 or batch, 3, height, width] in -1..1, of the render size. */
  pixels: FloatTensor
  /** 1 keeps nothing of the picture. */
  strength: number
  rounding: StrengthRounding
}

export async function startFromImage(
  context: StartContext,
  { pixels, strength, rounding }: ImageStart,
): Promise<Start> {
  const begin = beginAt(context, strength, rounding)
  return noised(context, begin, await encodeImage(context, pixels))
}

export interface EncodedStart {
  /** [batch, channels, height, width], scaled. */
  latents: FloatTensor
  strength: number
  rounding: StrengthRounding
}

/** The picture is latents already: nothing is drawn but the noise. */
export function startFromEncoded(context: StartContext, { latents, strength, rounding }: EncodedStart): Start {
  return noised(context, beginAt(context, strength, rounding), latents)
}

function noised(context: StartContext, begin: number, image: FloatTensor): Start {
  const { scheduler, dims } = context
  const noise = { dims, data: context.drawInitial(dims) }
  const latents = noisedLatents(image, noise.data, scheduler, begin)
  return { begin, noise, latents, extraChannelsOf: null, conditions: {}, afterStep: null }
}

/** First call for this strength, told to the scheduler; throws `invalid-input` when no step would run. */
export function beginAt(context: StartContext, strength: number, rounding: StrengthRounding): number {
  const { scheduler, steps, isScheduleCompressed } = context
  if (isScheduleCompressed) return 0
  const first = firstStepOf(steps, strength, rounding)
  const begin = first * scheduler.order
  if (first >= steps || begin >= scheduler.timesteps.length) {
    throw new AppError('invalid-input', `Strength ${strength} of ${steps} steps leaves no step to run.`, {
      issues: [{ path: 'edit.strength', value: String(strength), allowed: describeLeastStrength(steps) }],
    })
  }
  scheduler.setBeginIndex(begin)
  return begin
}

/** A draw from the picture's posterior in scaled space, one row a picture of the batch. */
export async function encodeImage(
  { autoencoder, source, dims }: StartContext,
  pixels: FloatTensor,
): Promise<FloatTensor> {
  const posterior = await autoencoder.encode(pixels)
  return forBatch(autoencoder.toScaled(samplePosterior(posterior, () => source.normal(posterior.mean.dims))), dims)
}

/** Latents that another model left at a fraction of the way; nothing is drawn. */
export function startFromLatents(
  context: StartContext,
  latents: FloatTensor,
  fraction: number,
  trainSteps: number,
): Start {
  const { scheduler } = context
  const begin = firstCallAfterHandover(scheduler.timesteps, handoverTimestep(fraction, trainSteps), scheduler.order)
  if (begin >= scheduler.timesteps.length) {
    const allowed = `less, so that one of the ${scheduler.timesteps.length} steps is left for the refiner`
    throw invalidInput([{ path: 'refiner.at', value: String(fraction), allowed }])
  }
  scheduler.setBeginIndex(begin)
  return { begin, noise: null, latents, extraChannelsOf: null, conditions: {}, afterStep: null }
}

/** Number of calls until another model takes over at this fraction of the way. */
export function callsUntil(timesteps: ArrayLike<number>, fraction: number, trainSteps: number): number {
  return callsBeforeHandover(timesteps, handoverTimestep(fraction, trainSteps))
}
