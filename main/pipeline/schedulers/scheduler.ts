/**
 * The contract of every sampler: it turns the model's output at one noise level into the latents of the next one.
 * The calls and their order are those of diffusers (docs: api/schedulers/overview), so that numbers can be compared:
 *
 *   scheduler.setTimesteps({ steps })
 *   x = noise * scheduler.initNoiseSigma            or   x = scheduler.addNoise(image, noise, timesteps[begin])
 *   for t of scheduler.timesteps:
 *     out = model(scheduler.scaleModelInput(x, t), t)
 *     x   = scheduler.step({ output: out, timestep: t, sample: x, noise }).sample
 *
 * Latents are float32, [batch, channels, height, width] flattened; a scheduler only sees the flat array and, where a
 * formula needs one sample at a time (thresholding), the batch size.
 */
import type { NormalSource } from '../random/normal-source.ts'

/** `scheduler_config.json` as parsed JSON (plus overrides). A missing key means the default of this sampler's diffusers class. */
export type SchedulerConfig = Readonly<Record<string, unknown>>

/**
 * Options of a run that are no part of a model's config, by diffusers' names of the `step` arguments: `eta`,
 * `use_clipped_model_output`, `s_churn`, `s_tmin`, `s_tmax`, `s_noise`. Each sampler takes its own and refuses the others.
 */
export type SamplerOptions = Readonly<Record<string, unknown>>

export interface SetTimesteps {
  /** Number of denoising steps; exactly one of steps, timesteps, sigmas decides the schedule. */
  steps?: number
  timesteps?: readonly number[]
  sigmas?: readonly number[]
  /** Flow matching with dynamic shift. */
  mu?: number
  /** LCM and TCD image-to-image compress the schedule by it. */
  strength?: number
  originalSteps?: number
}

export interface StepInput {
  /** What the model predicted (epsilon, v, sample or flow, by the config). */
  output: Float32Array
  /** An element of `timesteps`. */
  timestep: number
  sample: Float32Array
  /** Samplers that draw noise take it from here, in diffusers' order; the others never touch it. */
  noise?: NormalSource
  batch?: number
}

export interface StepOutput {
  /** The latents of the next noise level; a new array. */
  sample: Float32Array
  /** The predicted clean latents (x0) where the sampler computes them; what previews show. */
  denoised: Float32Array | null
}

/** All that a sampler remembers between two steps, as plain data that JSON keeps bit for bit (arrays as base64 float32/64). */
export type SchedulerState = Readonly<Record<string, unknown>>

export interface Scheduler {
  /** Model calls per step: 2 for Heun and KDPM2, whose `timesteps` hold every call. */
  readonly order: 1 | 2
  /** One entry a model call, as it is given to the model; empty before setTimesteps. */
  readonly timesteps: Float64Array
  /** Noise levels, one more than steps; null for samplers that work on alphas. */
  readonly sigmas: Float32Array | null
  /** Read after setTimesteps. */
  readonly initNoiseSigma: number
  setTimesteps(request: SetTimesteps): void
  /** Starts at this call instead of the first one (image to image). */
  setBeginIndex(index: number): void
  scaleModelInput(sample: Float32Array, timestep: number): Float32Array
  step(input: StepInput): StepOutput
  addNoise(original: Float32Array, noise: Float32Array, timestep: number): Float32Array
  /** What a model with v-prediction (flow models: with flow prediction) should answer at this timestep. */
  getVelocity(sample: Float32Array, noise: Float32Array, timestep: number): Float32Array
  saveState(): SchedulerState
  /** Continues exactly where `state` was saved, also in another process; after setTimesteps with the same request. */
  restoreState(state: SchedulerState): void
}
