/**
 * DDIM: the non-Markovian sampler of a model trained as DDPM, deterministic for eta = 0.
 *
 *   x_prev = sqrt(abar_prev) x0 + sqrt(1 - abar_prev - s^2) eps + s z,
 *   s = eta sqrt((1 - abar_prev) / (1 - abar) (1 - abar / abar_prev))
 *
 * Song et al. 2021 (arXiv 2010.02502), equations 12 and 16. Equals diffusers' DDIMScheduler (and DDIMParallelScheduler).
 */
import { AlphaSampler } from './alpha-sampler.ts'
import { noiseScheduleOf, scheduleFields, spacingFields, thresholdFields } from './common-fields.ts'
import { choiceField, flagField, numberField, readConfig, readOptions, type Values } from './config-fields.ts'
import { addScaled, clampInPlace, combine2, differenceQuotient } from './kernels.ts'
import type { Memory } from './memory.ts'
import { cleanOf, epsilonOf, levelOfAlphaCumprod, PREDICTION_TYPES } from './prediction.ts'
import { drawNoise } from './sampler.ts'
import type { SamplerOptions, SchedulerConfig, SetTimesteps, StepInput, StepOutput } from './scheduler.ts'
import { checkScheduleRequest } from './set-timesteps.ts'
import { wholeTimesteps } from './spacing.ts'
import { dynamicThreshold } from './threshold.ts'

const FIELDS = {
  ...scheduleFields(),
  ...spacingFields('leading'),
  ...thresholdFields(),
  clip_sample: flagField(true),
  clip_sample_range: numberField(1, { min: 0 }),
  set_alpha_to_one: flagField(true),
  prediction_type: choiceField(PREDICTION_TYPES, 'epsilon'),
  rescale_betas_zero_snr: flagField(false),
}
const OPTIONS = { eta: numberField(0, { min: 0, max: 1 }), use_clipped_model_output: flagField(false) }
const { fround, sqrt } = Math

export class Ddim extends AlphaSampler {
  private readonly config: Values<typeof FIELDS>
  private readonly options: Values<typeof OPTIONS>
  /** Distance to the previous step: T / N in whole steps, whatever the spacing. */
  private stride = 0

  constructor(config: SchedulerConfig, options: SamplerOptions = {}, className = 'DDIMScheduler') {
    const values = readConfig(className, FIELDS, config)
    super(className, noiseScheduleOf(className, values).alphasCumprod, values.set_alpha_to_one)
    this.config = values
    this.options = readOptions(OPTIONS, options)
  }

  setTimesteps(request: SetTimesteps): void {
    checkScheduleRequest(request)
    const { steps = 0 } = request
    const { num_train_timesteps: trainSteps, timestep_spacing: spacing, steps_offset: offset } = this.config
    this.startOver(wholeTimesteps({ trainSteps, steps, spacing, offset }), null)
    this.stride = Math.floor(trainSteps / steps)
  }

  step(input: StepInput): StepOutput {
    const { output, timestep, sample } = input
    const alphaCumprod = this.alphaCumprodAt(timestep)
    const previous = this.previousAlphaCumprod(timestep - this.stride)
    const level = levelOfAlphaCumprod(alphaCumprod)
    const denoised = this.bounded(cleanOf(this.config.prediction_type, level, sample, output), input.batch ?? 1)
    const epsilon = this.options.use_clipped_model_output
      ? differenceQuotient(1, sample, level.alpha, denoised, level.sigma)
      : epsilonOf(this.config.prediction_type, level, sample, output)

    const deviation = fround(fround(this.options.eta) * fround(sqrt(variance(alphaCumprod, previous))))
    const direction = fround(sqrt(fround(fround(1 - previous) - fround(deviation * deviation))))
    const next = combine2(fround(sqrt(previous)), denoised, direction, epsilon)
    if (this.options.eta > 0) addScaled(next, deviation, drawNoise(input))
    return { sample: next, denoised }
  }

  protected freshMemory(): Memory {
    return { stepIndex: null, beginIndex: null }
  }

  private bounded(clean: Float32Array, batch: number): Float32Array {
    const { thresholding, dynamic_thresholding_ratio: ratio, sample_max_value: max } = this.config
    if (thresholding) return dynamicThreshold(clean, batch, ratio, max)
    return this.config.clip_sample ? clampInPlace(clean, fround(this.config.clip_sample_range)) : clean
  }
}

/** (1 - abar_prev) / (1 - abar) (1 - abar / abar_prev) */
function variance(alphaCumprod: number, previous: number): number {
  const ratio = fround(fround(1 - previous) / fround(1 - alphaCumprod))
  return fround(ratio * fround(1 - fround(alphaCumprod / previous)))
}
