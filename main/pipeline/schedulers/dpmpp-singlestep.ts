/**
 * DPM-Solver and DPM-Solver++ in their single-step form ("DPM++ 2S"): one model call after the other, in groups of 1, 2, 3
 * whose updates all start from the sample at the group's beginning.
 *
 *   order 2: x_t = (sigma_t / sigma_s) x_s - alpha_t (e^-h - 1) D0 - alpha_t (e^-h - 1) D1 / 2, D0 the group's first output,
 *   D1 = (m_0 - m_1) / r, r = (lambda_0 - lambda_s) / h
 *
 * Lu et al. 2022 (arXiv 2206.00927, algorithm 4; 2211.01095, algorithm 1). Equals diffusers' DPMSolverSinglestepScheduler.
 */
import { trainingSigmas } from '../noise-schedule.ts'
import { noiseScheduleOf, scheduleFields, sigmaSpacingFields, thresholdFields } from './common-fields.ts'
import {
  choiceField,
  configError,
  flagField,
  numberField,
  readConfig,
  readOptions,
  type Values,
} from './config-fields.ts'
import { dpmFactors, isDataPrediction, isStochastic, type DpmAlgorithm, type DpmSolverType } from './dpm-update.ts'
import { addScaled, combine2, differenceQuotient, divided, scaledDifference } from './kernels.ts'
import type { Memory } from './memory.ts'
import { MultistepPlan } from './multistep-plan.ts'
import { MultistepSampler } from './multistep-sampler.ts'
import {
  cleanOf,
  epsilonOf,
  FLOW_PREDICTION_TYPES,
  lambdaOf,
  levelOfAlphaCumprod,
  splitLearnedVariance,
  type Level,
} from './prediction.ts'
import { drawNoise } from './sampler.ts'
import type { SamplerOptions, SchedulerConfig, SetTimesteps, StepInput, StepOutput } from './scheduler.ts'
import { checkScheduleRequest } from './set-timesteps.ts'
import { dynamicThreshold } from './threshold.ts'
import { TIME_SHIFT_TYPES } from './time-shift.ts'

const FIELDS = {
  ...scheduleFields(),
  ...sigmaSpacingFields(),
  ...thresholdFields(),
  solver_order: numberField(2, { min: 1, max: 3, whole: true }),
  prediction_type: choiceField(FLOW_PREDICTION_TYPES, 'epsilon'),
  algorithm_type: choiceField(['dpmsolver++', 'dpmsolver', 'sde-dpmsolver++', 'deis'], 'dpmsolver++'),
  solver_type: choiceField(['midpoint', 'heun', 'logrho', 'bh1', 'bh2'], 'midpoint'),
  lower_order_final: flagField(false),
  use_flow_sigmas: flagField(false),
  flow_shift: numberField(1),
  final_sigmas_type: choiceField(['zero', 'sigma_min'], 'zero'),
  lambda_min_clipped: numberField(-Infinity),
  variance_type: choiceField(['learned', 'learned_range'], null),
  use_dynamic_shifting: flagField(false),
  time_shift_type: choiceField(TIME_SHIFT_TYPES, 'exponential'),
}
const { fround } = Math

interface SinglestepMemory extends Memory {
  /** Converted model outputs, the newest last. */
  outputs: Float32Array[]
  /** The sample at the group's beginning. */
  start: Float32Array | null
}

export class DpmppSinglestep extends MultistepSampler<SinglestepMemory> {
  private readonly config: Values<typeof FIELDS>
  private readonly algorithm: DpmAlgorithm
  private readonly plan: MultistepPlan
  private orders: readonly number[] = []

  constructor(config: SchedulerConfig, options: SamplerOptions = {}, className = 'DPMSolverSinglestepScheduler') {
    const values = readConfig(className, FIELDS, config)
    super(className, values.use_flow_sigmas)
    readOptions({}, options)
    this.config = values
    this.algorithm = values.algorithm_type === 'deis' ? 'dpmsolver++' : values.algorithm_type
    checkPairs(className, values, this.algorithm)
    const { alphasCumprod } = noiseScheduleOf(className, values)
    const clipped = fround(values.lambda_min_clipped)
    const lastTimestep = alphasCumprod.filter(a => lambdaOf(levelOfAlphaCumprod(a)) >= clipped).length
    const spacing = { timestep_spacing: 'linspace', steps_offset: 0 } as const
    const trainSigmas = trainingSigmas(alphasCumprod)
    this.plan = new MultistepPlan(className, { ...values, ...spacing }, trainSigmas, {
      roundsCosine: true,
      lastTimestep,
    })
  }

  setTimesteps(request: SetTimesteps): void {
    checkScheduleRequest(request, { custom: ['timesteps'], extras: ['mu'] })
    const { timesteps, sigmas } = this.plan.levelsOf(request)
    const endsAtZero = this.config.final_sigmas_type === 'zero'
    this.start(timesteps, [...sigmas, endsAtZero ? 0 : this.plan.trainSigmas[0]])
    const { solver_order: order, lower_order_final: lowers } = this.config
    this.orders = ordersOf(timesteps.length, order, lowers || endsAtZero || timesteps.length % order !== 0)
    if (endsAtZero) this.orders = this.orders.with(-1, 1)
  }

  step(input: StepInput): StepOutput {
    const index = this.currentIndex(input.timestep)
    const converted = this.converted(input, index)
    const outputs = [...this.memory.outputs, converted].slice(-this.config.solver_order)
    const noise = isStochastic(this.algorithm) ? drawNoise(input) : null
    const order = Math.min(this.orders[index], outputs.length)
    const start = order === 1 || this.memory.start === null ? input.sample.slice() : this.memory.start
    const levels = Array.from({ length: order + 1 }, (_, k) => this.levelAt(index + 1 - k))
    const solver = this.config.solver_type === 'heun' ? 'heun' : 'midpoint'
    const next = update(this.algorithm, solver, levels, outputs.slice(-order), start)
    if (noise !== null) addScaled(next.sample, next.noise, noise)
    this.memory = { ...this.memory, outputs, start, stepIndex: index + 1 }
    return { sample: next.sample, denoised: isDataPrediction(this.algorithm) ? converted : null }
  }

  protected freshMemory(): SinglestepMemory {
    return { stepIndex: null, beginIndex: null, outputs: [], start: null }
  }

  private converted({ output, sample, batch = 1 }: StepInput, index: number): Float32Array {
    const { prediction_type: type, variance_type: variance, thresholding } = this.config
    const level = this.levelAt(index)
    const hasVariance = variance !== null && output.length === 2 * sample.length
    const prediction = hasVariance ? splitLearnedVariance(output, batch).prediction : output
    if (isDataPrediction(this.algorithm) || type === 'flow_prediction') {
      const clean = this.cleanAt(index, type, sample, prediction)
      return thresholding ? this.thresholded(clean, batch) : clean
    }
    const epsilon = epsilonOf(type, level, sample, prediction)
    if (!thresholding) return epsilon
    const clean = this.thresholded(cleanOf('epsilon', level, sample, epsilon), batch)
    return differenceQuotient(1, sample, level.alpha, clean, level.sigma)
  }

  private thresholded(clean: Float32Array, batch: number): Float32Array {
    return dynamicThreshold(clean, batch, this.config.dynamic_thresholding_ratio, this.config.sample_max_value)
  }
}

/** 1 2 3 1 2 3 ...: the order of each call; where it `lowers`, the group is cut so that the last calls fit. */
function ordersOf(steps: number, order: number, lowers: boolean): number[] {
  const group = Array.from({ length: order }, (_, i) => i + 1)
  const rest = steps % order
  const groups = (count: number) => Array.from({ length: count }, () => group).flat()
  if (order === 1 || !lowers) return groups(Math.floor(steps / order))
  if (rest > 0) return [...groups(Math.floor(steps / order)), ...group.slice(0, rest)]
  return [...groups(steps / order - 1), ...(order === 3 ? [1, 2, 1] : [1, 1])]
}

/** levels: target, newest, ..., the group's beginning; outputs: the group's first one first. */
function update(
  algorithm: DpmAlgorithm,
  solver: DpmSolverType,
  levels: readonly Level[],
  outputs: readonly Float32Array[],
  start: Float32Array,
): { sample: Float32Array; noise: number } {
  const order = outputs.length
  const source = levels[order]
  const lambda = lambdaOf(source)
  const h = fround(lambdaOf(levels[0]) - lambda)
  const factors = dpmFactors(algorithm, order === 2 ? solver : 'heun', levels[0], source, h)
  const sample = combine2(factors.sample, start, factors.d0, outputs[0])
  if (order === 1) return { sample, noise: factors.noise }
  const ratios = levels.slice(1, order).map(level => fround(fround(lambdaOf(level) - lambda) / h))
  if (order === 2) {
    const slope = scaledDifference(fround(1 / ratios[0]), outputs[1], outputs[0])
    return { sample: addScaled(sample, factors.d1, slope), noise: factors.noise }
  }
  const [r0, r1] = ratios
  const first = scaledDifference(fround(1 / r1), outputs[1], outputs[0])
  const second = scaledDifference(fround(1 / r0), outputs[2], outputs[0])
  if (solver === 'midpoint') return { sample: addScaled(sample, factors.d1, second), noise: factors.noise }
  const gap = fround(r0 - r1)
  addScaled(sample, factors.d1, divided(combine2(r0, first, -r1, second), gap))
  addScaled(sample, factors.d2, divided(scaledDifference(2, second, first), gap))
  return { sample, noise: factors.noise }
}

function checkPairs(className: string, config: Values<typeof FIELDS>, algorithm: DpmAlgorithm): void {
  const { final_sigmas_type: end, prediction_type: type } = config
  if (isDataPrediction(algorithm)) return
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
