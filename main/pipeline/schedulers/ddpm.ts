/**
 * DDPM: ancestral sampling of the reverse process, one Gaussian step after the other.
 *
 *   x_prev = sqrt(abar_prev) beta / (1 - abar) x0 + sqrt(alpha) (1 - abar_prev) / (1 - abar) x + sigma z,
 *   alpha = abar / abar_prev, beta = 1 - alpha;  sigma^2 = (1 - abar_prev) / (1 - abar) beta ("fixed_small") or beta ("fixed_large"),
 *   or what the model predicts in a second half of its channels
 *
 * Ho et al. 2020 (arXiv 2006.11239), equations 6 and 7; learned variance: Nichol & Dhariwal 2021 (2102.09672), equation 15.
 * Equals diffusers' DDPMScheduler (and DDPMParallelScheduler).
 */
import { AlphaSampler } from './alpha-sampler.ts'
import { noiseScheduleOf, scheduleFields, spacingFields, thresholdFields } from './common-fields.ts'
import {
  choiceField,
  configError,
  flagField,
  numberField,
  readConfig,
  readOptions,
  type Values,
} from './config-fields.ts'
import { addScaled, clampInPlace, combine2 } from './kernels.ts'
import type { Memory } from './memory.ts'
import { cleanOf, levelOfAlphaCumprod, PREDICTION_TYPES, splitLearnedVariance } from './prediction.ts'
import { drawNoise } from './sampler.ts'
import type { SamplerOptions, SchedulerConfig, SetTimesteps, StepInput, StepOutput } from './scheduler.ts'
import { checkScheduleRequest } from './set-timesteps.ts'
import { checkInTraining, wholeTimesteps } from './spacing.ts'
import { dynamicThreshold } from './threshold.ts'

const FIELDS = {
  ...scheduleFields({ schedules: ['linear', 'scaled_linear', 'squaredcos_cap_v2', 'laplace', 'sigmoid'] }),
  ...spacingFields('leading'),
  ...thresholdFields(),
  variance_type: choiceField(
    ['fixed_small', 'fixed_small_log', 'fixed_large', 'fixed_large_log', 'learned', 'learned_range'],
    'fixed_small',
  ),
  clip_sample: flagField(true),
  clip_sample_range: numberField(1, { min: 0 }),
  prediction_type: choiceField(PREDICTION_TYPES, 'epsilon'),
  rescale_betas_zero_snr: flagField(false),
}
const SMALLEST_VARIANCE = 1e-20
const { fround, sqrt, exp, log } = Math

export class Ddpm extends AlphaSampler {
  private readonly config: Values<typeof FIELDS>

  constructor(config: SchedulerConfig, options: SamplerOptions = {}, className = 'DDPMScheduler') {
    const values = readConfig(className, FIELDS, config)
    super(className, noiseScheduleOf(className, values).alphasCumprod, true)
    readOptions({}, options)
    this.config = values
  }

  setTimesteps(request: SetTimesteps): void {
    checkScheduleRequest(request, { custom: ['timesteps'] })
    const { num_train_timesteps: trainSteps, timestep_spacing: spacing, steps_offset: offset } = this.config
    const { steps = 0, timesteps } = request
    const visited =
      timesteps === undefined
        ? wholeTimesteps({ trainSteps, steps, spacing, offset })
        : Float64Array.from(timesteps, Math.trunc)
    checkInTraining(visited, trainSteps)
    this.startOver(visited, null)
  }

  step(input: StepInput): StepOutput {
    const { timestep, sample, batch = 1 } = input
    const alphaCumprod = this.alphaCumprodAt(timestep)
    const previous = this.previousAlphaCumprod(this.timestepAfter(timestep))
    const { prediction, variance } = this.split(input)
    const denoised = this.bounded(
      cleanOf(this.config.prediction_type, levelOfAlphaCumprod(alphaCumprod), sample, prediction),
      batch,
    )
    const left = fround(1 - alphaCumprod)
    const alpha = fround(alphaCumprod / previous)
    const beta = fround(1 - alpha)
    const cleanFactor = fround(fround(fround(sqrt(previous)) * beta) / left)
    const sampleFactor = fround(fround(fround(sqrt(alpha)) * fround(1 - previous)) / left)
    const next = combine2(cleanFactor, denoised, sampleFactor, sample)
    if (timestep > 0)
      this.addVariance(next, drawNoise(input), beta, posteriorVariance(alphaCumprod, previous, beta), variance)
    return { sample: next, denoised }
  }

  protected freshMemory(): Memory {
    return { stepIndex: null, beginIndex: null }
  }

  /** The next entry of the list; -1 after the last one. */
  private timestepAfter(timestep: number): number {
    const index = this.timesteps.indexOf(timestep)
    return index === -1 || index === this.timesteps.length - 1 ? -1 : this.timesteps[index + 1]
  }

  private split({ output, sample, batch = 1 }: StepInput): { prediction: Float32Array; variance: Float32Array | null } {
    const { variance_type: type } = this.config
    if (type !== 'learned' && type !== 'learned_range') return { prediction: output, variance: null }
    if (output.length === 2 * sample.length) return splitLearnedVariance(output, batch)
    throw configError(this.className, 'variance_type', type, 'a fixed one for a model without variance channels')
  }

  private addVariance(
    target: Float32Array,
    noise: Float32Array,
    beta: number,
    posterior: number,
    learned: Float32Array | null,
  ): void {
    if (learned === null) addScaled(target, this.fixedDeviation(beta, posterior), noise)
    else if (this.config.variance_type === 'learned') addLearned(target, noise, learned)
    else addLearnedRange(target, noise, learned, fround(log(posterior)), fround(log(beta)))
  }

  /** The reference's `fixed_large_log` takes the root of a negative logarithm (NaN); its paper's value is sqrt(beta). */
  private fixedDeviation(beta: number, posterior: number): number {
    switch (this.config.variance_type) {
      case 'fixed_small_log':
        return fround(exp(fround(0.5 * fround(log(posterior)))))
      case 'fixed_large':
      case 'fixed_large_log':
        return fround(sqrt(beta))
      default:
        return fround(sqrt(posterior))
    }
  }

  private bounded(clean: Float32Array, batch: number): Float32Array {
    const { thresholding, dynamic_thresholding_ratio: ratio, sample_max_value: max } = this.config
    if (thresholding) return dynamicThreshold(clean, batch, ratio, max)
    return this.config.clip_sample ? clampInPlace(clean, fround(this.config.clip_sample_range)) : clean
  }
}

/** (1 - abar_prev) / (1 - abar) beta, away from 0 because its logarithm is taken. */
export function posteriorVariance(alphaCumprod: number, previous: number, beta: number): number {
  const ratio = fround(fround(1 - previous) / fround(1 - alphaCumprod))
  return Math.max(fround(ratio * beta), fround(SMALLEST_VARIANCE))
}

/** The model gives the variance itself. */
function addLearned(target: Float32Array, noise: Float32Array, variance: Float32Array): void {
  for (let i = 0; i < target.length; i++) target[i] += fround(fround(sqrt(variance[i])) * noise[i])
}

/** The model gives, from -1 to 1, where log(variance) lies between those of "small" and "large". */
export function addLearnedRange(
  target: Float32Array,
  noise: Float32Array,
  position: Float32Array,
  logSmall: number,
  logLarge: number,
): void {
  for (let i = 0; i < target.length; i++) {
    const share = fround(fround(position[i] + 1) / 2)
    const logVariance = fround(fround(share * logLarge) + fround(fround(1 - share) * logSmall))
    target[i] += fround(fround(exp(fround(0.5 * logVariance))) * noise[i])
  }
}
