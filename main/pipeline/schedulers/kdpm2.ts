/**
 * The midpoint method with the middle taken in log sigma ("DPM2"): two model calls a step, except the last.
 *
 *   sigma_m = exp((log sigma + log sigma') / 2),  x_m = x + (x - x0(x, sigma)) / sigma (sigma_m - sigma)
 *   x' = x + (x_m - x0(x_m, sigma_m)) / sigma_m (sigma' - sigma)
 *
 * Karras et al. 2022 (arXiv 2206.00364), algorithm 2 as k-diffusion writes it. Equals diffusers' KDPM2DiscreteScheduler.
 */
import { noiseScheduleOf, scheduleFields, sigmaSpacingFields, sigmaSpacingOf, spacingFields } from './common-fields.ts'
import { choiceField, readConfig, readOptions, type Values } from './config-fields.ts'
import { alongSlope, derivativeOf, divided, eulerStep } from './kernels.ts'
import type { Memory } from './memory.ts'
import { roundHalfEven } from './numbers.ts'
import { cleanOfScaled } from './prediction.ts'
import type { SamplerOptions, SchedulerConfig, SetTimesteps, StepInput, StepOutput } from './scheduler.ts'
import { checkScheduleRequest } from './set-timesteps.ts'
import { timestepOfSigmaFloat32 } from './sigma-schedules.ts'
import { onceThenTwice, planOf, rootOfSquarePlusOne, SigmaSampler, withLast, type Levels } from './sigma-sampler.ts'

const FIELDS = {
  ...scheduleFields({ betaStart: 0.00085, betaEnd: 0.012 }),
  ...spacingFields('linspace'),
  ...sigmaSpacingFields(),
  prediction_type: choiceField(['epsilon', 'v_prediction'], 'epsilon'),
}
const { fround } = Math

interface Kdpm2Memory extends Memory {
  /** Between the two calls of a step: where it began. */
  start: Float32Array | null
}

export class Kdpm2 extends SigmaSampler<Kdpm2Memory> {
  override readonly order = 2
  private readonly config: Values<typeof FIELDS>
  /** Float32 noise level in the middle of step i. */
  private middles: Float32Array = new Float32Array()

  constructor(config: SchedulerConfig, options: SamplerOptions = {}, className = 'KDPM2DiscreteScheduler') {
    const values = readConfig(className, FIELDS, config)
    const { alphasCumprod } = noiseScheduleOf(className, values)
    super(className, alphasCumprod, planOf(values, sigmaSpacingOf(className, values)))
    readOptions({}, options)
    this.config = values
  }

  setTimesteps(request: SetTimesteps): void {
    checkScheduleRequest(request)
    const { timesteps, sigmas } = this.roundedLevels(request)
    const levels = withLast(sigmas, 0)
    this.middles = this.middlesOfSteps(levels)
    const calls = onceThenTwice(timesteps)
    for (let i = 1; i < timesteps.length; i++)
      calls[2 * i - 1] = timestepOfSigmaFloat32(this.middles[i - 1], this.logTrainSigmas)
    this.start(calls, withLast(onceThenTwice(Float64Array.from(levels)), 0))
  }

  override scaleModelInput(sample: Float32Array, timestep: number): Float32Array {
    const index = this.currentIndex(timestep)
    const sigma = this.memory.start === null ? this.sigmas[index] : this.middles[(index - 1) >> 1]
    return divided(sample, rootOfSquarePlusOne(sigma))
  }

  step(input: StepInput): StepOutput {
    const { output, sample, timestep } = input
    const index = this.currentIndex(timestep)
    const { start } = this.memory
    const from = start === null ? index : index - 1
    const sigma = this.sigmas[from]
    const middle = this.middles[from >> 1]
    const here = start === null ? sigma : middle
    const denoised = cleanOfScaled(this.config.prediction_type, here, here, sample, output)
    this.memory.stepIndex = index + 1
    this.memory.start = start === null ? sample.slice() : null
    if (start === null) return { sample: eulerStep(sample, denoised, sigma, fround(middle - sigma)), denoised }
    return { sample: this.finished(start, derivativeOf(sample, denoised, middle), from, input), denoised }
  }

  protected freshMemory(): Kdpm2Memory {
    return { stepIndex: null, beginIndex: null, start: null }
  }

  /** Entry i is the level in the middle of step i: halfway in log sigma, 0 where the step ends at 0. */
  protected middlesOfSteps(levels: Float32Array): Float32Array {
    return middlesOf(levels, levels.subarray(1))
  }

  /** From where step began along the slope in the middle; `from` is the index of the first call. */
  protected finished(start: Float32Array, slope: Float32Array, from: number, _input: StepInput): Float32Array {
    return alongSlope(start, slope, fround(this.sigmas[from + 1] - this.sigmas[from]))
  }

  /** Karras levels belong to whole timesteps here. */
  private roundedLevels(request: SetTimesteps): Levels {
    const levels = this.levelsOf(request)
    if (this.plan.sigmaSpacing !== 'karras') return levels
    return { ...levels, timesteps: levels.timesteps.map(roundHalfEven) }
  }
}

/** exp of the means of the logarithms, the end's counted first; 0 where an end is 0. */
export function middlesOf(starts: Float32Array, ends: Float32Array): Float32Array {
  return ends.map((end, i) => {
    const logStart = fround(Math.log(starts[i]))
    return Math.exp(fround(logStart - fround(fround(logStart - fround(Math.log(end))) * 0.5)))
  })
}
