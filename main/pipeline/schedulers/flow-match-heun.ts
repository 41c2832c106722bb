/**
 * Heun's method on the paths of rectified flow: two model calls a step, except the last, which ends at sigma = 0.
 *
 *   d1 = (x - x0) / sigma_hat,  x* = x + d1 (sigma' - sigma_hat),  d2 = (x* - x0*) / sigma',  x' = x + (d1 + d2) / 2 (sigma' - sigma_hat)
 *
 * Esser et al. 2024 (arXiv 2403.03206) with algorithm 1 of Karras et al. 2022. Equals diffusers' FlowMatchHeunDiscreteScheduler,
 * which knows only equal steps and a static shift and so refuses FLUX; here its levels may be all that flow-match-euler.ts has.
 */
import { churned, CHURN_OPTIONS, type ChurnOptions } from './churn.ts'
import { fixedField, readConfig, readOptions } from './config-fields.ts'
import { FlowSampler } from './flow-sampler.ts'
import { FLOW_FIELDS, FlowSchedule } from './flow-schedule.ts'
import { alongSlope, combine2, derivativeOf, scaled } from './kernels.ts'
import type { Memory } from './memory.ts'
import type { SamplerOptions, SchedulerConfig, SetTimesteps, StepInput, StepOutput } from './scheduler.ts'
import { checkScheduleRequest } from './set-timesteps.ts'
import { onceThenTwice, withLast } from './sigma-sampler.ts'

/** Levels that rise end at 1, where the second call would divide by what it has no step to. */
const FIELDS = { ...FLOW_FIELDS, invert_sigmas: fixedField(false) }
const { fround } = Math

interface FlowHeunMemory extends Memory {
  /** Between the two calls of a step: where it began, the slope there, and the step's length. */
  start: Float32Array | null
  slope: Float32Array | null
  dt: number
}

export class FlowMatchHeun extends FlowSampler<FlowHeunMemory> {
  override readonly order = 2
  private readonly schedule: FlowSchedule
  private readonly options: ChurnOptions

  constructor(config: SchedulerConfig, options: SamplerOptions = {}, className = 'FlowMatchHeunDiscreteScheduler') {
    super(className)
    this.schedule = new FlowSchedule(className, readConfig(className, FIELDS, config))
    this.options = readOptions(CHURN_OPTIONS, options)
  }

  setTimesteps(request: SetTimesteps): void {
    checkScheduleRequest(request, { custom: ['sigmas'], extras: ['mu'] })
    const { timesteps, sigmas } = this.schedule.levelsOf(request)
    this.start(onceThenTwice(timesteps), withLast(onceThenTwice(Float64Array.from(sigmas.subarray(0, -1))), 0))
  }

  step(input: StepInput): StepOutput {
    const index = this.currentIndex(input.timestep)
    const { start, slope, dt } = this.memory
    const isFirstCall = start === null || slope === null
    const from = isFirstCall ? index : index - 1
    const sigma = this.sigmas[from]
    const next = this.sigmas[from + 1]
    const { sigmaHat, sample } = churned(this.options, this.sigmas.length, sigma, input)
    const denoised = combine2(1, sample, -(isFirstCall ? sigma : next), input.output)
    this.memory = { ...this.memory, start: null, slope: null, dt: 0, stepIndex: index + 1 }
    if (!isFirstCall) {
      const mean = scaled(0.5, combine2(1, slope, 1, derivativeOf(sample, denoised, next)))
      return { sample: alongSlope(start, mean, dt), denoised }
    }
    const derivative = derivativeOf(sample, denoised, sigmaHat)
    const length = fround(next - sigmaHat)
    this.memory = { ...this.memory, start: sample.slice(), slope: derivative, dt: length }
    return { sample: alongSlope(sample, derivative, length), denoised }
  }

  protected freshMemory(): FlowHeunMemory {
    return { stepIndex: null, beginIndex: null, start: null, slope: null, dt: 0 }
  }
}
