/**
 * DDPM as unCLIP (DALL-E 2, Karlo) uses it: cosine schedule, evenly spaced timesteps that include both ends, clipped clean
 * sample, variance fixed or interpolated from the model's second half of channels.
 *
 *   x_prev = sqrt(abar_prev) beta / (1 - abar) x0 + sqrt(alpha) (1 - abar_prev) / (1 - abar) x + sigma z
 *
 * Ramesh et al. 2022 (arXiv 2204.06125), after Nichol & Dhariwal 2021 (2102.09672). Equals diffusers' UnCLIPScheduler.
 */
import { AlphaSampler } from './alpha-sampler.ts'
import { noiseScheduleOf, scheduleFields } from './common-fields.ts'
import {
  choiceField,
  configError,
  fixedField,
  flagField,
  numberField,
  readConfig,
  readOptions,
  type Values,
} from './config-fields.ts'
import { addLearnedRange, posteriorVariance } from './ddpm.ts'
import { addScaled, clampInPlace, combine2 } from './kernels.ts'
import type { Memory } from './memory.ts'
import { roundHalfEven } from './numbers.ts'
import { cleanOf, levelOfAlphaCumprod, splitLearnedVariance } from './prediction.ts'
import { drawNoise } from './sampler.ts'
import type { SamplerOptions, SchedulerConfig, SetTimesteps, StepInput, StepOutput } from './scheduler.ts'
import { checkScheduleRequest } from './set-timesteps.ts'
import { checkInTraining, checkSteps } from './spacing.ts'

const FIELDS = {
  num_train_timesteps: scheduleFields().num_train_timesteps,
  beta_schedule: fixedField('squaredcos_cap_v2'),
  variance_type: choiceField(['fixed_small_log', 'learned_range'], 'fixed_small_log'),
  clip_sample: flagField(true),
  clip_sample_range: numberField(1, { min: 0 }),
  prediction_type: choiceField(['epsilon', 'sample'], 'epsilon'),
}
const { fround, sqrt, exp, log } = Math

export class UnClip extends AlphaSampler {
  private readonly config: Values<typeof FIELDS>
  private readonly betas: Float32Array

  constructor(config: SchedulerConfig, options: SamplerOptions = {}, className = 'UnCLIPScheduler') {
    const values = readConfig(className, FIELDS, config)
    const schedule = noiseScheduleOf(className, { ...values, beta_start: 0, beta_end: 1, trained_betas: null })
    super(className, schedule.alphasCumprod, true)
    readOptions({}, options)
    this.config = values
    this.betas = schedule.betas
  }

  setTimesteps(request: SetTimesteps): void {
    checkScheduleRequest(request, { custom: ['timesteps'] })
    const { steps = 0, timesteps } = request
    const trainSteps = this.config.num_train_timesteps
    const visited =
      timesteps === undefined ? evenTimesteps(steps, trainSteps) : Float64Array.from(timesteps, Math.trunc)
    checkInTraining(visited, trainSteps)
    this.startOver(visited, null)
  }

  step(input: StepInput): StepOutput {
    const { output, timestep, sample, batch = 1 } = input
    const { prediction_type: type, clip_sample: clips, clip_sample_range: range } = this.config
    const learned = this.config.variance_type === 'learned_range'
    if (learned && output.length !== 2 * sample.length) {
      throw configError(
        this.className,
        'variance_type',
        'learned_range',
        'fixed_small_log for a model without variance channels',
      )
    }
    const { prediction, variance } = learned
      ? splitLearnedVariance(output, batch)
      : { prediction: output, variance: null }
    const previousTimestep = this.timestepAfter(timestep)
    const alphaCumprod = this.alphaCumprodAt(timestep)
    const previous = this.previousAlphaCumprod(previousTimestep)
    const beta = previousTimestep === timestep - 1 ? this.betas[timestep] : fround(1 - fround(alphaCumprod / previous))
    const clean = cleanOf(type, levelOfAlphaCumprod(alphaCumprod), sample, prediction)
    const denoised = clips ? clampInPlace(clean, fround(range)) : clean
    const left = fround(1 - alphaCumprod)
    const cleanFactor = fround(fround(fround(sqrt(previous)) * beta) / left)
    const sampleFactor = fround(fround(fround(sqrt(fround(1 - beta))) * fround(1 - previous)) / left)
    const next = combine2(cleanFactor, denoised, sampleFactor, sample)
    if (timestep > 0) {
      const small = fround(log(posteriorVariance(alphaCumprod, previous, beta)))
      const noise = drawNoise(input)
      if (variance === null) addScaled(next, fround(exp(fround(0.5 * small))), noise)
      else addLearnedRange(next, noise, variance, small, fround(log(beta)))
    }
    return { sample: next, denoised }
  }

  protected freshMemory(): Memory {
    return { stepIndex: null, beginIndex: null }
  }

  /** The next entry of the list; one below after the last one. */
  private timestepAfter(timestep: number): number {
    const index = this.timesteps.indexOf(timestep)
    return index === -1 || index === this.timesteps.length - 1 ? timestep - 1 : this.timesteps[index + 1]
  }
}

/** From T - 1 to 0, both visited. */
function evenTimesteps(steps: number, trainSteps: number): Float64Array {
  checkSteps(steps, trainSteps)
  const ratio = steps === 1 ? 0 : (trainSteps - 1) / (steps - 1)
  return Float64Array.from({ length: steps }, (_, i) => roundHalfEven((steps - 1 - i) * ratio))
}
