/**
 * Latent diffusion from prompt to picture: prepare -> denoise -> decode, after the prompt was encoded (Rombach et al. 2022,
 * arXiv 2112.10752). One call makes one batch; progress is what the generator yields, policy (previews, files, events)
 * is the caller's.
 */
import type { Notice } from '#contract/notices'
import { AppError } from '#contract/errors'
import { restoreCheckpoint, takeCheckpoint, type Checkpoint } from './checkpoint.ts'
import type { Components } from './components.ts'
import type { Control } from './control-net.ts'
import { denoise, nextTurn, throwIfCancelled, type DenoiseStep } from './denoise.ts'
import type { Conditions } from './denoiser.ts'
import type { Family } from './families/family.ts'
import { chooseGuidance, embeddedGuidance } from './guide-model.ts'
import type { Side } from './guidance/guidance.ts'
import { latentDims, type Size } from './latents.ts'
import { createPredictor } from './predictor.ts'
import type { NormalSource } from './random/normal-source.ts'
import type { Scheduler, SetTimesteps } from './schedulers/scheduler.ts'
import { relieveDenoiser, type Notify } from './relief.ts'
import { callsUntil } from './starts/from-image.ts'
import { fitTask, type TaskNetwork } from './starts/fit-task.ts'
import { compressesSchedule, prepareStart, type StartingPoint } from './starts/prepare-start.ts'
import type { FloatTensor } from './tensor.ts'
import type { TextConditions } from './text/clip-conditioner.ts'

export interface SamplingSettings {
  steps: number
  guidance: number
  guidanceRescale: number
  /** Guidance by two sides for networks that take `guidance` as an input. */
  trueGuidance?: number | undefined
  /** Steps of the schedule that a distilled model was taught on; without it, what its config says. */
  originalSteps?: number | undefined
}

export interface ImageRequest {
  /** Starts over with every call; one object serves many pictures. */
  scheduler: Scheduler
  settings: SamplingSettings
  /** From `components.conditioner.encode`. */
  conditions: TextConditions
  size: Size
  batch: number
  /** Draws the initial noise, then what the sampler draws; in diffusers' order. */
  noise: NormalSource
  /** Replaces the draw of the initial noise, for example to mix in a variation. */
  drawInitial?: (source: NormalSource, dims: readonly number[]) => Float32Array
  from: StartingPoint
  /** Fraction of the way at which another model takes over; the latents are then the result. */
  until?: number
  control?: { controls: readonly Control[]; isGuessMode: boolean }
  /** Goes on there; everything else is the request as it was. */
  resume?: Checkpoint | undefined
  signal: AbortSignal
  /** See denoise.ts; without it, every step is followed by a turn of the event loop. */
  rest?: () => Promise<void>
}

export type PipelineEvent =
  /** `done` of the `calls` were made before the run was interrupted. */
  | { type: 'prepared'; noise: FloatTensor | null; latents: FloatTensor; calls: number; done: number }
  | ({ type: 'step'; checkpoint: () => Checkpoint } & DenoiseStep)
  | { type: 'decoding' }
  /** What was given up because memory ran short. */
  | { type: 'notice'; notice: Notice }

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
  const latents = yield* makeLatents(components, request)
  const relief: Notice[] = []
  yield { type: 'decoding' }
  const image = await components.autoencoder.decode(latents, notice => void relief.push(notice))
  yield* notices(relief)
  throwIfCancelled(request.signal)
  return { image, latents }
}

/** The same without decoding, for latents that go on into another run; scaled. */
export async function* makeLatents(
  components: Components,
  request: ImageRequest,
): AsyncGenerator<PipelineEvent, FloatTensor, void> {
  const { denoiser, autoencoder, trainSteps } = components
  const { scheduler, settings, noise, signal, batch } = request
  const from = fitTask(request.from, taskNetwork(components), request.size)
  const dims = latentDims(batch, autoencoder.latentChannels, request.size, autoencoder.factor)
  scheduler.setTimesteps(scheduleOf(components, { ...request, from }, dims))

  const relief: Notice[] = []
  const notify = (notice: Notice): void => void relief.push(notice)
  const start = await prepareStart(components, { ...request, from }, dims, notify)
  const end =
    request.until === undefined
      ? scheduler.timesteps.length
      : callsUntil(scheduler.timesteps, request.until, trainSteps)
  const { begin, afterStep } = start
  const { resume } = request
  const first = resume === undefined ? begin : restoreCheckpoint(resume, scheduler, noise)
  yield* notices(relief)
  yield { type: 'prepared', noise: start.noise, latents: start.latents, calls: end - begin, done: first - begin }

  const predict = createPredictor({
    denoiser: relieveDenoiser(denoiser, notify),
    guidance: chooseGuidance(components, settings, from),
    conditionsOf: side => ({
      ...conditionsFor(request.conditions, side),
      ...embeddedGuidance(components, settings.guidance),
      ...start.conditions,
    }),
    extraChannelsOf: start.extraChannelsOf,
    batch,
    control: request.control ? await relieveControl(components, request.control, notify) : null,
  })
  let latents = resume === undefined ? start.latents : { dims, data: resume.latents }
  const rest = request.rest ?? nextTurn
  const loop = { scheduler, latents, begin, from: first, end, predict, noise, afterStep, signal, rest }
  for await (const step of denoise(loop)) {
    latents = { dims, data: step.latents }
    if (relief.length > 0) yield* notices(relief)
    yield { type: 'step', ...step, checkpoint: () => takeCheckpoint(step, scheduler, noise) }
  }
  return latents
}

/** Nets, and the denoiser that takes what they say. */
async function relieveControl(
  { controlDenoiser }: Components,
  { controls, isGuessMode }: NonNullable<ImageRequest['control']>,
  notify: Notify,
) {
  return {
    denoiser: relieveDenoiser(await controlDenoiser(), notify),
    controls: controls.map(control => ({ ...control, net: control.net.relieved(notify) })),
    isGuessMode,
  }
}

/** What decides which tasks a model can do. */
export function taskNetwork({ denoiser, inputChannels, autoencoder }: Components): TaskNetwork {
  const declared = denoiser.sample.shape[1]
  const { latentChannels } = autoencoder
  return { inputChannels: typeof declared === 'number' ? declared : inputChannels, latentChannels }
}

/** What has come together since the last time. */
function* notices(relief: Notice[]): Generator<PipelineEvent, void, void> {
  for (const notice of relief.splice(0)) yield { type: 'notice', notice }
}

/** Latent consistency models put their whole schedule below the strength and can be told what schedule they were taught on. */
function scheduleOf(family: Family, { settings, from }: ImageRequest, dims: readonly number[]): SetTimesteps {
  const { originalSteps } = settings
  return {
    ...family.schedule(settings.steps, dims),
    ...(originalSteps === undefined ? {} : { originalSteps }),
    ...(compressesSchedule(family, from) ? { strength: from.strength } : {}),
  }
}

/** Conditions without a negative side belong to a run without guidance, which asks for the positive one only. */
function conditionsFor({ positive, negative }: TextConditions, side: Side): Conditions {
  if (side === 'positive') return positive
  if (negative === null) throw new AppError('internal', 'Guidance asks for a negative prompt that was not encoded.')
  return negative
}
