/**
 * Latent consistency sampling: jump to the clean sample, add noise of the next level, jump again. Works only with models
 * distilled for it, whose timesteps are every k-th of training (k = T / original_inference_steps).
 *
 *   x0' = c_out(t) x0 + c_skip(t) x,  c_skip = s^2 / ((k t)^2 + s^2),  c_out = k t / sqrt((k t)^2 + s^2),  s = 0.5, k = timestep_scaling
 *   x_prev = sqrt(abar_prev) x0' + sqrt(1 - abar_prev) z;  the last step gives x0' and draws nothing
 *
 * Luo et al. 2023 (arXiv 2310.04378), algorithm 3. Equals diffusers' LCMScheduler.
 */
import { ORIGINAL_STEPS } from '#contract/samplers'
import { AlphaSampler } from './alpha-sampler.ts'
import { noiseScheduleOf, scheduleFields, spacingFields, thresholdFields } from './common-fields.ts'
import { choiceField, flagField, numberField, readConfig, readOptions, type Values } from './config-fields.ts'
import { distilledTimesteps } from './distilled-timesteps.ts'
import { clampInPlace, combine2 } from './kernels.ts'
import type { Memory } from './memory.ts'
import { cleanOf, levelOfAlphaCumprod, PREDICTION_TYPES } from './prediction.ts'
import { drawNoise } from './sampler.ts'
import type { SamplerOptions, SchedulerConfig, SetTimesteps, StepInput, StepOutput } from './scheduler.ts'
import { checkScheduleRequest } from './set-timesteps.ts'
import { dynamicThreshold } from './threshold.ts'

/** Also those of TCD, whose class has the same fields. `timestep_spacing` and `steps_offset` change nothing in either. */
export const DISTILLED_FIELDS = {
  ...scheduleFields({ betaStart: 0.00085, betaEnd: 0.012, schedule: 'scaled_linear' }),
  ...spacingFields('leading'),
  ...thresholdFields(),
  original_inference_steps: numberField(ORIGINAL_STEPS, { min: 1, max: 100_000, whole: true }),
  clip_sample: flagField(false),
  clip_sample_range: numberField(1, { min: 0 }),
  set_alpha_to_one: flagField(true),
  prediction_type: choiceField(PREDICTION_TYPES, 'epsilon'),
  timestep_scaling: numberField(10, { min: 0 }),
  rescale_betas_zero_snr: flagField(false),
}
const SIGMA_DATA = 0.5
const { fround, sqrt } = Math

export class Lcm extends AlphaSampler {
  private readonly config: Values<typeof DISTILLED_FIELDS>
  /** Steps that were asked for; more than calls where `strength` cut a custom list. */
  private steps = 0

  constructor(config: SchedulerConfig, options: SamplerOptions = {}, className = 'LCMScheduler') {
    const values = readConfig(className, DISTILLED_FIELDS, config)
    super(className, noiseScheduleOf(className, values).alphasCumprod, values.set_alpha_to_one)
    readOptions({}, options)
    this.config = values
  }

  setTimesteps(request: SetTimesteps): void {
    checkScheduleRequest(request, { custom: ['timesteps'], extras: ['strength', 'originalSteps'] })
    const { num_train_timesteps: trainSteps, original_inference_steps: originalSteps } = this.config
    this.startOver(distilledTimesteps(request, trainSteps, request.originalSteps ?? originalSteps), null)
    this.steps = request.steps ?? this.timesteps.length
    if (request.timesteps !== undefined) this.steps = request.timesteps.length
  }

  step(input: StepInput): StepOutput {
    const { output, timestep, sample, batch = 1 } = input
    const index = this.currentIndex(timestep)
    const level = levelOfAlphaCumprod(this.alphaCumprodAt(timestep))
    const clean = this.bounded(cleanOf(this.config.prediction_type, level, sample, output), batch)
    const denoised = this.consistent(timestep, clean, sample)
    this.memory.stepIndex = index + 1
    if (index === this.steps - 1) return { sample: denoised, denoised }
    const next = index + 1 < this.timesteps.length ? this.timesteps[index + 1] : timestep
    const { alpha, sigma } = levelOfAlphaCumprod(this.previousAlphaCumprod(next))
    return { sample: combine2(alpha, denoised, sigma, drawNoise(input)), denoised }
  }

  protected freshMemory(): Memory {
    return { stepIndex: null, beginIndex: null }
  }

  /** The boundary condition: at t = 0 the sample itself. */
  private consistent(timestep: number, clean: Float32Array, sample: Float32Array): Float32Array {
    const scaled = fround(timestep * fround(this.config.timestep_scaling))
    const total = fround(fround(scaled * scaled) + SIGMA_DATA ** 2)
    return combine2(fround(scaled / fround(sqrt(total))), clean, fround(SIGMA_DATA ** 2 / total), sample)
  }

  private bounded(clean: Float32Array, batch: number): Float32Array {
    const { thresholding, dynamic_thresholding_ratio: ratio, sample_max_value: max } = this.config
    if (thresholding) return dynamicThreshold(clean, batch, ratio, max)
    return this.config.clip_sample ? clampInPlace(clean, fround(this.config.clip_sample_range)) : clean
  }
}
