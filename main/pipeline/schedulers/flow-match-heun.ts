/**
 * Heun's method on the paths of rectified flow: two model calls a step, except the last, which ends at sigma = 0.
 *
 *   d1 = (x - x0) / sigma_hat,  x* = x + d1 (sigma' - sigma_hat),  d2 = (x* - x0*) / sigma',  x' = x + (d1 + d2) / 2 (sigma' - sigma_hat)
 *
 * Esser et al. 2024 (arXiv 2403.03206) with algorithm 1 of Karras et al. 2022. Equals diffusers' FlowMatchHeunDiscreteScheduler.
 */
import { churned, CHURN_OPTIONS, type ChurnOptions } from './churn.ts'
import { numberField, readConfig, readOptions, type Values } from './config-fields.ts'
import { FlowSampler } from './flow-sampler.ts'
import { flowTimes } from './flow-schedule.ts'
import { alongSlope, combine2, derivativeOf, scaled } from './kernels.ts'
import type { Memory } from './memory.ts'
import type { SamplerOptions, SchedulerConfig, SetTimesteps, StepInput, StepOutput } from './scheduler.ts'
import { checkScheduleRequest } from './set-timesteps.ts'
import { onceThenTwice, withLast } from './sigma-sampler.ts'
import { checkSteps } from './spacing.ts'
import { staticShift } from './time-shift.ts'

const FIELDS = {
  num_train_timesteps: numberField(1000, { min: 1, max: 100_000, whole: true }),
  shift: numberField(1, { min: 0 }),
}
const { fround } = Math

interface FlowHeunMemory extends Memory {
  /** Between the two calls of a step: where it began, the slope there, and the step's length. */
  start: Float32Array | null
  slope: Float32Array | null
  dt: number
}

export class FlowMatchHeun extends FlowSampler<FlowHeunMemory> {
  override readonly order = 2
  private readonly config: Values<typeof FIELDS>
  private readonly options: ChurnOptions

  constructor(config: SchedulerConfig, options: SamplerOptions = {}, className = 'FlowMatchHeunDiscreteScheduler') {
    super(className)
    this.config = readConfig(className, FIELDS, config)
    this.options = readOptions(CHURN_OPTIONS, options)
  }

  setTimesteps(request: SetTimesteps): void {
    checkScheduleRequest(request)
    const { steps = 0 } = request
    const { num_train_timesteps: trainSteps, shift } = this.config
    checkSteps(steps, trainSteps)
    const sigmas = flowTimes(trainSteps, shift, steps).map(t => fround(staticShift(shift, t)))
    const timesteps = sigmas.map(s => fround(s * trainSteps))
    this.start(onceThenTwice(timesteps), withLast(onceThenTwice(sigmas), 0))
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
