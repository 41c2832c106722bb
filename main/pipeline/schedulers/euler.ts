/**
 * Euler's method on the probability flow ODE dx / dsigma = (x - x0(x, sigma)) / sigma, with optional churn: noise is raised
 * from sigma to sigma_hat = sigma (1 + gamma) before the step.
 *
 *   x' = x + (x - x0) / sigma_hat (sigma' - sigma_hat)
 *
 * Karras et al. 2022 (arXiv 2206.00364), algorithm 2 without the correction. Equals diffusers' EulerDiscreteScheduler.
 */
import { linspaceFloat32 } from '../noise-schedule.ts'
import { invalidInput, showValue } from '#contract/parse'
import { churned, CHURN_OPTIONS, type ChurnOptions } from './churn.ts'
import {
  alphasCumprodForSigmas,
  scheduleFields,
  sigmaSpacingFields,
  sigmaSpacingOf,
  spacingFields,
} from './common-fields.ts'
import { choiceField, flagField, numberField, readConfig, readOptions, type Values } from './config-fields.ts'
import { eulerStep } from './kernels.ts'
import type { Memory } from './memory.ts'
import { interpolate, toFloat32 } from './numbers.ts'
import { cleanOfScaled } from './prediction.ts'
import type { SamplerOptions, SchedulerConfig, SetTimesteps, StepInput, StepOutput } from './scheduler.ts'
import { checkScheduleRequest } from './set-timesteps.ts'
import { planOf, SigmaSampler } from './sigma-sampler.ts'

const FIELDS = {
  ...scheduleFields(),
  ...spacingFields('linspace'),
  ...sigmaSpacingFields(),
  prediction_type: choiceField(['epsilon', 'v_prediction', 'sample', 'original_sample'], 'epsilon'),
  interpolation_type: choiceField(['linear', 'log_linear'], 'linear'),
  sigma_min: numberField(null, { min: 0 }),
  sigma_max: numberField(null, { min: 0 }),
  timestep_type: choiceField(['discrete', 'continuous'], 'discrete'),
  rescale_betas_zero_snr: flagField(false),
  final_sigmas_type: choiceField(['zero', 'sigma_min'], 'zero'),
}
const { fround } = Math

export class Euler extends SigmaSampler {
  private readonly config: Values<typeof FIELDS>
  private readonly options: ChurnOptions

  constructor(config: SchedulerConfig, options: SamplerOptions = {}, className = 'EulerDiscreteScheduler') {
    const values = readConfig(className, FIELDS, config)
    super(className, alphasCumprodForSigmas(className, values), planOf(values, sigmaSpacingOf(className, values)))
    this.config = values
    this.options = readOptions(CHURN_OPTIONS, options)
  }

  setTimesteps(request: SetTimesteps): void {
    checkScheduleRequest(request, { custom: ['timesteps', 'sigmas'] })
    if (request.sigmas === undefined) {
      this.followTimesteps(request)
    } else {
      const timesteps = Float64Array.from(request.sigmas, s => this.timestepOfSigma(fround(s)))
      this.startLevels(timesteps.subarray(0, -1), request.sigmas)
    }
  }

  step(input: StepInput): StepOutput {
    const { output, timestep } = input
    const index = this.currentIndex(timestep)
    const sigma = this.sigmas[index]
    const { sigmaHat, sample } = churned(this.options, this.sigmas.length, sigma, input)
    const type = this.config.prediction_type === 'original_sample' ? 'sample' : this.config.prediction_type
    const denoised = cleanOfScaled(type, sigma, sigmaHat, sample, output)

    const next = eulerStep(sample, denoised, sigmaHat, fround(this.sigmas[index + 1] - sigmaHat))
    this.memory.stepIndex = index + 1
    return { sample: next, denoised }
  }

  protected freshMemory(): Memory {
    return { stepIndex: null, beginIndex: null }
  }

  private followTimesteps(request: SetTimesteps): void {
    if (request.timesteps !== undefined && this.hasContinuousTimesteps()) {
      const allowed = 'steps or sigmas for continuous timesteps'
      throw invalidInput([{ path: 'timesteps', value: showValue(request.timesteps), allowed }])
    }
    const timesteps = this.visitedTimesteps(request)
    const steps = request.steps ?? timesteps.length
    const visited = this.interpolatedSigmas(timesteps, steps)
    const range = {
      min: this.config.sigma_min ?? visited[visited.length - 1],
      max: this.config.sigma_max ?? visited[0],
    }
    const levels = this.respaced({ timesteps, sigmas: visited }, range, steps)
    this.startLevels(levels.timesteps, [...levels.sigmas, this.lastSigma()])
  }

  private interpolatedSigmas(timesteps: Float64Array, steps: number): Float64Array {
    if (this.config.interpolation_type === 'linear') return timesteps.map(t => interpolate(this.trainSigmas, t))
    const last = this.trainSigmas.length - 1
    const logs = linspaceFloat32(Math.log(this.trainSigmas[last]), Math.log(this.trainSigmas[0]), steps + 1)
    return Float64Array.from(logs.map(Math.exp))
  }

  private lastSigma(): number {
    return this.config.final_sigmas_type === 'sigma_min' ? this.trainSigmas[0] : 0
  }

  private startLevels(timesteps: Float64Array, sigmas: readonly number[]): void {
    const levels = Float32Array.from(sigmas)
    const continuous = Float64Array.from(levels.subarray(0, -1), s => fround(0.25 * fround(Math.log(s))))
    this.start(this.hasContinuousTimesteps() ? continuous : toFloat32(timesteps), levels)
  }

  private hasContinuousTimesteps(): boolean {
    return this.config.timestep_type === 'continuous' && this.config.prediction_type === 'v_prediction'
  }
}
