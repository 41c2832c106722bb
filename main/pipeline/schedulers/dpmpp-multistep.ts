/**
 * DPM-Solver and DPM-Solver++ in their multistep form, order 1 to 3, as ODE or SDE solvers ("DPM++ 2M", "2M SDE", "3M").
 * With lambda = log(alpha / sigma), h = lambda_t - lambda_s, D0 the last prediction of x0, D1 and D2 its differences:
 *
 *   dpmsolver++      x_t = (sigma_t / sigma_s) x - alpha_t (e^-h - 1) D0 - alpha_t (e^-h - 1) D1 / 2      (order 2, midpoint)
 *   sde-dpmsolver++  x_t = (sigma_t / sigma_s) e^-h x + alpha_t (1 - e^-2h) (D0 + D1 / 2) + sigma_t sqrt(1 - e^-2h) z
 *
 * Lu et al. 2022 (arXiv 2206.00927 and 2211.01095). Equals diffusers' DPMSolverMultistepScheduler.
 */
import { trainingSigmas } from '../noise-schedule.ts'
import {
  alphasCumprodForSigmas,
  scheduleFields,
  sigmaSpacingFields,
  spacingFields,
  thresholdFields,
} from './common-fields.ts'
import {
  choiceField,
  configError,
  flagField,
  numberField,
  readConfig,
  readOptions,
  type Values,
} from './config-fields.ts'
import { DPM_ALGORITHMS, dpmUpdate, isDataPrediction, isStochastic, type DpmAlgorithm } from './dpm-update.ts'
import { differenceQuotient } from './kernels.ts'
import type { Memory } from './memory.ts'
import { MultistepPlan, type PlanOptions } from './multistep-plan.ts'
import { MultistepSampler } from './multistep-sampler.ts'
import {
  cleanOf,
  epsilonOf,
  FLOW_PREDICTION_TYPES,
  lambdaOf,
  levelOfAlphaCumprod,
  splitLearnedVariance,
} from './prediction.ts'
import { drawNoise } from './sampler.ts'
import type { SamplerOptions, SchedulerConfig, SetTimesteps, StepInput, StepOutput } from './scheduler.ts'
import { checkScheduleRequest } from './set-timesteps.ts'
import { dynamicThreshold } from './threshold.ts'
import { TIME_SHIFT_TYPES } from './time-shift.ts'

const FIELDS = {
  ...scheduleFields(),
  ...spacingFields('linspace'),
  ...sigmaSpacingFields(),
  ...thresholdFields(),
  solver_order: numberField(2, { min: 1, max: 3, whole: true }),
  prediction_type: choiceField(FLOW_PREDICTION_TYPES, 'epsilon'),
  algorithm_type: choiceField([...DPM_ALGORITHMS, 'deis'], 'dpmsolver++'),
  solver_type: choiceField(['midpoint', 'heun', 'logrho', 'bh1', 'bh2'], 'midpoint'),
  lower_order_final: flagField(true),
  euler_at_final: flagField(false),
  use_lu_lambdas: flagField(false),
  use_flow_sigmas: flagField(false),
  flow_shift: numberField(1),
  final_sigmas_type: choiceField(['zero', 'sigma_min'], 'zero'),
  lambda_min_clipped: numberField(-Infinity),
  variance_type: choiceField(['learned', 'learned_range'], null),
  rescale_betas_zero_snr: flagField(false),
  use_dynamic_shifting: flagField(false),
  time_shift_type: choiceField(TIME_SHIFT_TYPES, 'exponential'),
}
/** Below this many steps the last ones fall back to a lower order. */
const FEW_STEPS = 15

interface DpmMemory extends Memory {
  /** Converted model outputs, the newest last. */
  outputs: Float32Array[]
}

export class DpmppMultistep extends MultistepSampler<DpmMemory> {
  private readonly config: Values<typeof FIELDS>
  private readonly algorithm: DpmAlgorithm
  protected readonly plan: MultistepPlan

  constructor(
    config: SchedulerConfig,
    options: SamplerOptions = {},
    className = 'DPMSolverMultistepScheduler',
    planOptions: PlanOptions = { roundsCosine: false },
  ) {
    const values = readConfig(className, FIELDS, config)
    super(className, values.use_flow_sigmas)
    readOptions({}, options)
    this.config = values
    this.algorithm = values.algorithm_type === 'deis' ? 'dpmsolver++' : values.algorithm_type
    this.checkPairs(className)
    const alphasCumprod = alphasCumprodForSigmas(className, values)
    const clipped = Math.fround(values.lambda_min_clipped)
    const lastTimestep = alphasCumprod.filter(a => lambdaOf(levelOfAlphaCumprod(a)) >= clipped).length
    this.plan = new MultistepPlan(className, values, trainingSigmas(alphasCumprod), { ...planOptions, lastTimestep })
  }

  setTimesteps(request: SetTimesteps): void {
    checkScheduleRequest(request, { custom: ['timesteps'], extras: ['mu'] })
    const { timesteps, sigmas } = this.plan.levelsOf(request)
    this.start(timesteps, [...sigmas, this.config.final_sigmas_type === 'zero' ? 0 : this.plan.trainSigmas[0]])
    this.checkOrders()
  }

  step(input: StepInput): StepOutput {
    const index = this.currentIndex(input.timestep)
    const converted = this.converted(input, index)
    const outputs = [...this.memory.outputs, converted].slice(-this.config.solver_order)
    const noise = isStochastic(this.algorithm) ? drawNoise(input) : null
    const order = this.orderAt(index, outputs.length)
    const levels = Array.from({ length: order + 1 }, (_, k) => this.levelAt(index + 1 - k))
    const solver = this.config.solver_type === 'heun' ? 'heun' : 'midpoint'
    const next = dpmUpdate(this.algorithm, solver, levels, outputs.slice(-order).reverse(), input.sample, noise)
    this.memory.outputs = outputs
    this.memory.stepIndex = index + 1
    return { sample: next, denoised: isDataPrediction(this.algorithm) ? converted : null }
  }

  protected freshMemory(): DpmMemory {
    return { stepIndex: null, beginIndex: null, outputs: [] }
  }

  private orderAt(index: number, known: number): number {
    const {
      lower_order_final: lowers,
      euler_at_final: euler,
      final_sigmas_type: end,
      solver_order: order,
    } = this.config
    const left = this.timesteps.length - index
    const few = lowers && this.timesteps.length < FEW_STEPS
    if (left === 1 && (euler || few || end === 'zero')) return 1
    return Math.min(order, known, left === 2 && few ? 2 : 3)
  }

  /** The SDE on epsilon has no third order; runs too short to reach it are fine. */
  private checkOrders(): void {
    if (this.algorithm !== 'sde-dpmsolver') return
    const reaches = this.timesteps.some((_, index) => this.orderAt(index, index + 1) === 3)
    if (reaches) throw configError(this.className, 'solver_order', 3, '1 or 2 for algorithm_type sde-dpmsolver')
  }

  private converted({ output, sample, batch = 1 }: StepInput, index: number): Float32Array {
    const { prediction_type: type, variance_type: variance, thresholding } = this.config
    const level = this.levelAt(index)
    const prediction =
      variance !== null && output.length === 2 * sample.length ? splitLearnedVariance(output, batch).prediction : output
    if (isDataPrediction(this.algorithm)) {
      const clean = this.cleanAt(index, type, sample, prediction)
      return thresholding ? this.thresholded(clean, batch) : clean
    }
    if (type === 'flow_prediction') throw new TypeError('checkPairs refuses flow prediction here')
    const epsilon = epsilonOf(type, level, sample, prediction)
    if (!thresholding) return epsilon
    const clean = this.thresholded(cleanOf('epsilon', level, sample, epsilon), batch)
    return differenceQuotient(1, sample, level.alpha, clean, level.sigma)
  }

  private thresholded(clean: Float32Array, batch: number): Float32Array {
    return dynamicThreshold(clean, batch, this.config.dynamic_thresholding_ratio, this.config.sample_max_value)
  }

  private checkPairs(className: string): void {
    const { prediction_type: type, final_sigmas_type: end } = this.config
    if (isDataPrediction(this.algorithm)) return
    const { algorithm } = this
    if (end === 'zero') {
      throw configError(className, 'final_sigmas_type', end, `sigma_min for algorithm_type ${algorithm}`)
    }
    if (type === 'flow_prediction') {
      throw configError(
        className,
        'prediction_type',
        type,
        `epsilon, sample, v_prediction for algorithm_type ${algorithm}`,
      )
    }
  }
}
