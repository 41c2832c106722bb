/**
 * The reverse process: from noise to latents, one noise level after another. It knows neither networks nor guidance
 * (`predict` has them) nor progress.
 */
import type { Predict } from './predictor.ts'
import type { NormalSource } from './random/normal-source.ts'
import type { Scheduler } from './schedulers/scheduler.ts'
import type { FloatTensor } from './tensor.ts'
import { AppError } from '#contract/errors'

export interface DenoiseInput {
  scheduler: Scheduler
  /** Latents at the first noise level: [batch, channels, height, width]. */
  latents: FloatTensor
  /** First call of the run, by index into `scheduler.timesteps`; more than 0 for image to image. */
  begin: number
  /** First call that is made; more than `begin` for a run that goes on where it was interrupted. */
  from: number
  /** First call that is not made any more; `scheduler.timesteps.length` unless another model goes on from there. */
  end: number
  /** Guided output of the model for scaled latents. */
  predict: Predict
  /** For samplers that draw in every step. */
  noise: NormalSource
  /** What is done to the latents after a step, such as blending in what a mask protects. */
  afterStep: ((latents: Float32Array, index: number) => Float32Array) | null
  signal: AbortSignal
  /** Lets the event loop run, so that a cancel can be heard; asked after every step. */
  rest: () => Promise<void>
}

export interface DenoiseStep {
  /** Index into `scheduler.timesteps`. */
  index: number
  timestep: number
  latents: Float32Array
  /** Predicted clean latents where the sampler computes them. */
  denoised: Float32Array | null
}

/** Yields after every model call; throws AppError `cancelled` as soon as the signal is aborted. */
export async function* denoise(input: DenoiseInput): AsyncGenerator<DenoiseStep, void, void> {
  const { scheduler, predict, noise, signal, begin, from, end } = input
  const { dims } = input.latents
  let latents = input.latents.data
  for (let index = from; index < end; index++) {
    throwIfCancelled(signal)
    const timestep = scheduler.timesteps[index]
    const scaled = scheduler.scaleModelInput(latents, timestep)
    const position = { index: index - begin, count: end - begin }
    const output = await predict({ dims, data: scaled }, timestep, position)
    const step = scheduler.step({ output, timestep, sample: latents, noise, batch: dims[0] })
    latents = input.afterStep ? input.afterStep(step.sample, index) : step.sample
    yield { index, timestep, latents, denoised: step.denoised }
    await input.rest() // a model call blocks the thread: without this no message would be read until the end
  }
  throwIfCancelled(signal)
}

export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new AppError('cancelled', 'Cancelled.', { cause: signal.reason })
}

/** One turn of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
