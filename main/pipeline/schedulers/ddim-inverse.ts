/**
 * DDIM backwards in time: from a picture's latents to the noise that DDIM leads back from. Deterministic.
 *
 *   x_next = sqrt(abar_next) x0 + sqrt(1 - abar_next) eps, x0 and eps predicted at the level one step below
 *
 * Song et al. 2021 (arXiv 2010.02502), section 4.3; Mokady et al. 2022 (2211.09794). Equals diffusers' DDIMInverseScheduler.
 */
import { AlphaSampler } from './alpha-sampler.ts'
import { noiseScheduleOf, scheduleFields } from './common-fields.ts'
import { choiceField, flagField, numberField, readConfig, readOptions, type Values } from './config-fields.ts'
import { clampInPlace, combine2 } from './kernels.ts'
import type { Memory } from './memory.ts'
import { cleanOf, epsilonOf, levelOfAlphaCumprod, PREDICTION_TYPES } from './prediction.ts'
import type { SamplerOptions, SchedulerConfig, SetTimesteps, StepInput, StepOutput } from './scheduler.ts'
import { checkScheduleRequest } from './set-timesteps.ts'
import { wholeTimesteps } from './spacing.ts'

const FIELDS = {
  ...scheduleFields(),
  timestep_spacing: choiceField(['leading', 'trailing'], 'leading'),
  steps_offset: numberField(0, { min: 0, max: 100_000, whole: true }),
  clip_sample: flagField(true),
  clip_sample_range: numberField(1, { min: 0 }),
  set_alpha_to_one: flagField(true),
  prediction_type: choiceField(PREDICTION_TYPES, 'epsilon'),
  rescale_betas_zero_snr: flagField(false),
}
const { fround } = Math

export class DdimInverse extends AlphaSampler {
  private readonly config: Values<typeof FIELDS>
  private stride = 0

  constructor(config: SchedulerConfig, options: SamplerOptions = {}, className = 'DDIMInverseScheduler') {
    const values = readConfig(className, FIELDS, config)
    super(className, noiseScheduleOf(className, values).alphasCumprod, values.set_alpha_to_one)
    readOptions({}, options)
    this.config = values
  }

  setTimesteps(request: SetTimesteps): void {
    checkScheduleRequest(request)
    const { steps = 0 } = request
    const { num_train_timesteps: trainSteps, timestep_spacing: spacing, steps_offset: offset } = this.config
    this.startOver(wholeTimesteps({ trainSteps, steps, spacing, offset }).reverse(), null)
    this.stride = Math.floor(trainSteps / steps)
  }

  step({ output, timestep, sample }: StepInput): StepOutput {
    const { prediction_type: type, clip_sample: clips, clip_sample_range: range } = this.config
    const level = levelOfAlphaCumprod(this.previousAlphaCumprod(timestep - this.stride))
    const target = levelOfAlphaCumprod(this.alphaCumprodAt(timestep))
    const clean = cleanOf(type, level, sample, output)
    const denoised = clips ? clampInPlace(clean, fround(range)) : clean
    const epsilon = epsilonOf(type, level, sample, output)
    return { sample: combine2(target.alpha, denoised, target.sigma, epsilon), denoised }
  }

  protected freshMemory(): Memory {
    return { stepIndex: null, beginIndex: null }
  }
}
