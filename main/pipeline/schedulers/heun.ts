/**
 * Heun's method: an Euler step, then a second one whose slope is the mean of both ends. Two model calls a step, except the
 * last one, which ends at sigma = 0 and stays an Euler step.
 *
 *   d1 = (x - x0(x, sigma)) / sigma,  x* = x + d1 (sigma' - sigma),  d2 = (x* - x0(x*, sigma')) / sigma'
 *   x' = x + (d1 + d2) / 2 (sigma' - sigma)
 *
 * Karras et al. 2022 (arXiv 2206.00364), algorithm 1. Equals diffusers' HeunDiscreteScheduler.
 */
import { noiseScheduleOf, scheduleFields, sigmaSpacingFields, sigmaSpacingOf, spacingFields } from './common-fields.ts'
import { choiceField, flagField, numberField, readConfig, readOptions, type Values } from './config-fields.ts'
import { alongSlope, clampInPlace, derivativeOf } from './kernels.ts'
import type { Memory } from './memory.ts'
import { toFloat32 } from './numbers.ts'
import { cleanOfScaled, PREDICTION_TYPES } from './prediction.ts'
import type { SamplerOptions, SchedulerConfig, SetTimesteps, StepInput, StepOutput } from './scheduler.ts'
import { checkScheduleRequest } from './set-timesteps.ts'
import { onceThenTwice, planOf, SigmaSampler, withLast } from './sigma-sampler.ts'

const FIELDS = {
  ...scheduleFields({
    betaStart: 0.00085,
    betaEnd: 0.012,
    schedules: ['linear', 'scaled_linear', 'squaredcos_cap_v2', 'exp'],
  }),
  ...spacingFields('linspace'),
  ...sigmaSpacingFields(),
  prediction_type: choiceField(PREDICTION_TYPES, 'epsilon'),
  clip_sample: flagField(false),
  clip_sample_range: numberField(1, { min: 0 }),
}
const { fround } = Math

interface HeunMemory extends Memory {
  /** Between the two calls of a step: where it began, and the slope there. */
  start: Float32Array | null
  slope: Float32Array | null
}

export class Heun extends SigmaSampler<HeunMemory> {
  override readonly order = 2
  private readonly config: Values<typeof FIELDS>

  constructor(config: SchedulerConfig, options: SamplerOptions = {}, className = 'HeunDiscreteScheduler') {
    const values = readConfig(className, FIELDS, config)
    const { alphasCumprod } = noiseScheduleOf(className, values)
    super(className, alphasCumprod, planOf(values, sigmaSpacingOf(className, values)))
    readOptions({}, options)
    this.config = values
  }

  setTimesteps(request: SetTimesteps): void {
    checkScheduleRequest(request, { custom: ['timesteps'] })
    const { timesteps, sigmas } = this.levelsOf(request)
    this.start(onceThenTwice(toFloat32(timesteps)), withLast(onceThenTwice(sigmas), 0))
  }

  step({ output, sample, timestep }: StepInput): StepOutput {
    const index = this.currentIndex(timestep)
    const { start, slope } = this.memory
    const isFirstCall = start === null || slope === null
    const from = isFirstCall ? index : index - 1
    const sigma = this.sigmas[from]
    const next = this.sigmas[from + 1]
    const here = isFirstCall ? sigma : next
    const denoised = this.clipped(cleanOfScaled(this.config.prediction_type, here, here, sample, output))
    const derivative = derivativeOf(sample, denoised, here)
    const dt = fround(next - sigma)
    this.memory = { ...this.memory, start: null, slope: null, stepIndex: index + 1 }
    if (!isFirstCall) return { sample: trapezoid(start, slope, derivative, dt), denoised }
    this.memory.start = sample.slice()
    this.memory.slope = derivative
    return { sample: alongSlope(sample, derivative, dt), denoised }
  }

  protected freshMemory(): HeunMemory {
    return { stepIndex: null, beginIndex: null, start: null, slope: null }
  }

  private clipped(clean: Float32Array): Float32Array {
    return this.config.clip_sample ? clampInPlace(clean, fround(this.config.clip_sample_range)) : clean
  }
}

function trapezoid(x: Float32Array, first: Float32Array, second: Float32Array, dt: number): Float32Array {
  const out = new Float32Array(x.length)
  for (let i = 0; i < out.length; i++) out[i] = x[i] + fround(fround(fround(first[i] + second[i]) / 2) * dt)
  return out
}
