/**
 * SA-Solver: stochastic Adams. Each step predicts with a stochastic Adams-Bashforth step and, once the model has answered at
 * its end, corrects it with a stochastic Adams-Moulton step over the same noise. tau(t) says how stochastic: 1 for timesteps
 * from 200 to 800, otherwise 0, where the drawn noise is multiplied by 0.
 *
 *   x_t = (sigma_t / sigma_s) e^(-tau^2 h) x + (1 + tau^2) sigma_t e^(-tau^2 lambda_t) sum_k c_k m_k + sigma_t sqrt(1 - e^(-2 tau^2 h)) z
 *
 * Xue et al. 2023 (arXiv 2309.05019), algorithm 1. Equals diffusers' SASolverScheduler.
 */
import { trainingSigmas } from '../noise-schedule.ts'
import { noiseScheduleOf, scheduleFields, sigmaSpacingFields, spacingFields, thresholdFields } from './common-fields.ts'
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
import { addScaled, combine2, differenceQuotient } from './kernels.ts'
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
} from './prediction.ts'
import { solverCoefficients } from './sa-coefficients.ts'
import { drawNoise } from './sampler.ts'
import type { SamplerOptions, SchedulerConfig, SetTimesteps, StepInput, StepOutput } from './scheduler.ts'
import { checkScheduleRequest } from './set-timesteps.ts'
import { dynamicThreshold } from './threshold.ts'

const FIELDS = {
  ...scheduleFields(),
  ...spacingFields('linspace'),
  ...sigmaSpacingFields(),
  ...thresholdFields(),
  predictor_order: numberField(2, { min: 1, max: 4, whole: true }),
  corrector_order: numberField(2, { min: 1, max: 4, whole: true }),
  prediction_type: choiceField(FLOW_PREDICTION_TYPES, 'epsilon'),
  tau_func: fixedField(null),
  algorithm_type: choiceField(['data_prediction', 'noise_prediction'], 'data_prediction'),
  lower_order_final: flagField(true),
  use_flow_sigmas: flagField(false),
  flow_shift: numberField(1),
  lambda_min_clipped: numberField(-Infinity),
  variance_type: choiceField(['learned', 'learned_range'], null),
}
const TAU_FROM = 200
const TAU_TO = 800
const { fround, exp, sqrt } = Math

interface SaMemory extends Memory {
  /** Converted model outputs, the newest last. */
  outputs: Float32Array[]
  lastSample: Float32Array | null
  lastNoise: Float32Array | null
  lastTimestep: number
  correctorOrder: number
}

/** One Adams step: between two levels, with the outputs known there. */
interface AdamsStep {
  from: number
  to: number
  /** Newest first; as many as the order. */
  outputs: readonly Float32Array[]
  /** Index of the level of the newest of them. */
  newest: number
  tau: number
  sample: Float32Array
  noise: Float32Array
  isCorrector: boolean
}

export class SaSolver extends MultistepSampler<SaMemory> {
  private readonly config: Values<typeof FIELDS>
  private readonly plan: MultistepPlan
  private readonly alphasCumprod: Float32Array
  private readonly onData: boolean
  private readonly kept: number

  constructor(config: SchedulerConfig, options: SamplerOptions = {}, className = 'SASolverScheduler') {
    const values = readConfig(className, FIELDS, config)
    super(className, values.use_flow_sigmas)
    readOptions({}, options)
    this.config = values
    this.onData = values.algorithm_type === 'data_prediction'
    this.kept = Math.max(values.predictor_order, values.corrector_order - 1)
    if (!this.onData && values.prediction_type === 'flow_prediction') {
      throw configError(
        className,
        'prediction_type',
        'flow_prediction',
        'epsilon, sample, v_prediction for noise_prediction',
      )
    }
    this.alphasCumprod = noiseScheduleOf(className, values).alphasCumprod
    const clipped = fround(values.lambda_min_clipped)
    const lastTimestep = this.alphasCumprod.filter(a => lambdaOf(levelOfAlphaCumprod(a)) >= clipped).length
    const planConfig = { ...values, use_dynamic_shifting: false }
    const trainSigmas = trainingSigmas(this.alphasCumprod)
    this.plan = new MultistepPlan(className, planConfig, trainSigmas, { roundsCosine: true, lastTimestep })
  }

  setTimesteps(request: SetTimesteps): void {
    checkScheduleRequest(request)
    const { timesteps, sigmas, follows } = this.plan.levelsOf(request)
    this.start(timesteps, [...sigmas, follows === 'timesteps' ? this.plan.trainSigmas[0] : sigmas[sigmas.length - 1]])
  }

  step(input: StepInput): StepOutput {
    const { timestep } = input
    const index = this.currentIndex(timestep)
    const converted = this.converted(input, index)
    const sample = index > 0 ? this.corrected(index, converted, input.sample) : input.sample
    const outputs = [...this.memory.outputs, converted].slice(-this.kept)
    const known = this.memory.outputs.length
    const noise = drawNoise(input)
    const left = this.config.lower_order_final ? this.timesteps.length - index : Infinity
    const order = Math.min(this.config.predictor_order, left, known + 1)
    const correctorOrder = Math.min(this.config.corrector_order, left + 1, known + 2)
    const next = this.adams({
      from: index,
      to: index + 1,
      outputs: outputs.slice(-order).reverse(),
      newest: index,
      tau: tauAt(timestep),
      sample,
      noise,
      isCorrector: false,
    })
    const last = {
      lastSample: sample === input.sample ? sample.slice() : sample,
      lastNoise: noise,
      lastTimestep: timestep,
    }
    this.memory = { ...this.memory, ...last, outputs, correctorOrder, stepIndex: index + 1 }
    return { sample: next, denoised: this.onData ? converted : null }
  }

  /** By the training step, unlike the other multistep solvers. */
  override addNoise(original: Float32Array, noise: Float32Array, timestep: number): Float32Array {
    const { alpha, sigma } = levelOfAlphaCumprod(this.alphasCumprod[timestep])
    return combine2(alpha, original, sigma, noise)
  }

  protected freshMemory(): SaMemory {
    const last = { lastSample: null, lastNoise: null, lastTimestep: 0, correctorOrder: 0 }
    return { stepIndex: null, beginIndex: null, outputs: [], ...last }
  }

  private corrected(index: number, converted: Float32Array, sample: Float32Array): Float32Array {
    const { lastSample, lastNoise, correctorOrder, lastTimestep, outputs } = this.memory
    if (lastSample === null || lastNoise === null) return sample
    return this.adams({
      from: index - 1,
      to: index,
      outputs: [...outputs, converted].slice(-correctorOrder).reverse(),
      newest: index,
      tau: tauAt(lastTimestep),
      sample: lastSample,
      noise: lastNoise,
      isCorrector: true,
    })
  }

  private adams(step: AdamsStep): Float32Array {
    const { from, to, outputs, newest, tau, sample, noise } = step
    const source = this.levelAt(from)
    const target = this.levelAt(to)
    const interval = { start: lambdaOf(source), end: lambdaOf(target) }
    const h = fround(interval.end - interval.start)
    const lambdas = outputs.map((_, k) => lambdaOf(this.levelAt(newest - k)))
    const coefficients = solverCoefficients(interval, lambdas, tau, this.onData)
    if (this.onData && outputs.length === 2) {
      const correction = step.isCorrector
        ? correctorTerm(interval.end, h, tau)
        : predictorTerm(interval.end, h, tau, lambdas)
      coefficients[0] = fround(coefficients[0] + correction)
      coefficients[1] = fround(coefficients[1] - correction)
    }
    const square = tau * tau
    const weight = this.onData
      ? fround(fround((1 + square) * target.sigma) * fround(exp(fround(-square * interval.end))))
      : -fround((1 + square) * target.alpha)
    const weights = coefficients.map(c => fround(weight * c))
    const spread = this.onData
      ? fround(target.sigma * fround(sqrt(fround(1 - fround(exp(fround(-2 * square * h)))))))
      : fround(fround(tau * target.sigma) * fround(sqrt(fround(fround(exp(fround(2 * h))) - 1))))
    const scale = this.onData
      ? fround(fround(exp(fround(-square * h))) * fround(target.sigma / source.sigma))
      : fround(target.alpha / source.alpha)
    return stochasticStep(scale, sample, weights, outputs, spread, noise)
  }

  private converted({ output, sample, batch = 1 }: StepInput, index: number): Float32Array {
    const { prediction_type: type, variance_type: variance, thresholding } = this.config
    const level = this.levelAt(index)
    const hasVariance = variance !== null && output.length === 2 * sample.length
    const prediction = hasVariance ? splitLearnedVariance(output, batch).prediction : output
    if (this.onData || type === 'flow_prediction') {
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

/** scale x + sum_k w_k m_k + spread z, in one pass for up to two outputs. */
function stochasticStep(
  scale: number,
  x: Float32Array,
  weights: readonly number[],
  outputs: readonly Float32Array[],
  spread: number,
  noise: Float32Array,
): Float32Array {
  const [w0, w1] = weights
  const [m0, m1] = outputs
  const out = new Float32Array(x.length)
  if (outputs.length === 1) {
    for (let i = 0; i < out.length; i++)
      out[i] = fround(fround(scale * x[i]) + fround(w0 * m0[i])) + fround(spread * noise[i])
    return out
  }
  if (outputs.length === 2) {
    for (let i = 0; i < out.length; i++) {
      const gradient = fround(fround(w0 * m0[i]) + fround(w1 * m1[i]))
      out[i] = fround(fround(scale * x[i]) + gradient) + fround(spread * noise[i])
    }
    return out
  }
  outputs.forEach((output, k) => addScaled(out, weights[k], output))
  for (let i = 0; i < out.length; i++) out[i] = fround(fround(scale * x[i]) + out[i]) + fround(spread * noise[i])
  return out
}

function tauAt(timestep: number): 0 | 1 {
  return timestep >= TAU_FROM && timestep <= TAU_TO ? 1 : 0
}

/** Makes the second-order steps exact for small h: e^(c lambda) (h^2 / 2 - (c h - 1 + e^-ch) / c^2), c = 1 + tau^2, per h. */
function secondOrderTerm(h: number, tau: number): { c: number; rest: number } {
  const c = 1 + tau * tau
  return { c, rest: fround(fround(fround(h * c) - 1) + fround(exp(fround(c * -h)))) }
}

function predictorTerm(lambda: number, h: number, tau: number, [newest, older]: readonly number[]): number {
  const { c, rest } = secondOrderTerm(h, tau)
  const bracket = fround(fround(fround(h * h) / 2) - fround(rest / (c * c)))
  return fround(fround(fround(exp(fround(c * lambda))) * bracket) / fround(newest - older))
}

function correctorTerm(lambda: number, h: number, tau: number): number {
  const { c, rest } = secondOrderTerm(h, tau)
  const bracket = fround(fround(h / 2) - fround(rest / fround(c * c * h)))
  return fround(fround(exp(fround(c * lambda))) * bracket)
}
