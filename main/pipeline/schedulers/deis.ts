/**
 * DEIS: exponential integrator whose last noise predictions, up to three, are interpolated by polynomials in log rho,
 * rho = sigma / alpha, and integrated exactly.
 *
 *   x_t = alpha_t (x / alpha_s + sum_k c_k eps_k),  c_k = integral from rho_s to rho_t of the k-th Lagrange polynomial in log rho
 *
 * Zhang & Chen 2023 (arXiv 2204.13902), section 4. Equals diffusers' DEISMultistepScheduler, whose last level is never 0.
 */
import { trainingSigmas } from '../noise-schedule.ts'
import { noiseScheduleOf, scheduleFields, sigmaSpacingFields, spacingFields, thresholdFields } from './common-fields.ts'
import { choiceField, flagField, numberField, readConfig, readOptions, type Values } from './config-fields.ts'
import { combine2, differenceQuotient } from './kernels.ts'
import type { Memory } from './memory.ts'
import { MultistepPlan } from './multistep-plan.ts'
import { MultistepSampler } from './multistep-sampler.ts'
import { logFloat32 } from './numbers.ts'
import { FLOW_PREDICTION_TYPES, lambdaOf, type Level } from './prediction.ts'
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
  // The other names are those of related solvers, which the reference takes for its own two.
  algorithm_type: choiceField(['deis', 'dpmsolver', 'dpmsolver++'], 'deis'),
  solver_type: choiceField(['logrho', 'midpoint', 'heun', 'bh1', 'bh2'], 'logrho'),
  lower_order_final: flagField(true),
  use_flow_sigmas: flagField(false),
  flow_shift: numberField(1),
  use_dynamic_shifting: flagField(false),
  time_shift_type: choiceField(TIME_SHIFT_TYPES, 'exponential'),
}
const FEW_STEPS = 15
const { fround, exp } = Math

interface DeisMemory extends Memory {
  /** Predictions of the noise, the newest last. */
  outputs: Float32Array[]
}

export class Deis extends MultistepSampler<DeisMemory> {
  private readonly config: Values<typeof FIELDS>
  private readonly plan: MultistepPlan

  constructor(config: SchedulerConfig, options: SamplerOptions = {}, className = 'DEISMultistepScheduler') {
    const values = readConfig(className, FIELDS, config)
    super(className, values.use_flow_sigmas)
    readOptions({}, options)
    this.config = values
    this.plan = new MultistepPlan(className, values, trainingSigmas(noiseScheduleOf(className, values).alphasCumprod))
  }

  setTimesteps(request: SetTimesteps): void {
    checkScheduleRequest(request, { extras: ['mu'] })
    const { timesteps, sigmas, follows } = this.plan.levelsOf(request)
    this.start(timesteps, [...sigmas, follows === 'timesteps' ? this.plan.trainSigmas[0] : sigmas[sigmas.length - 1]])
  }

  step({ output, sample, timestep, batch = 1 }: StepInput): StepOutput {
    const index = this.currentIndex(timestep)
    const level = this.levelAt(index)
    const { prediction_type: type } = this.config
    const denoised = this.bounded(this.cleanAt(index, type, sample, output), batch)
    const sigma = type === 'flow_prediction' ? this.sigmas[index] : level.sigma // the listed one, as in cleanAt
    const epsilon = differenceQuotient(1, sample, level.alpha, denoised, sigma)
    const outputs = [...this.memory.outputs, epsilon].slice(-this.config.solver_order)
    const order = this.orderAt(index, outputs.length)
    const levels = Array.from({ length: order + 1 }, (_, k) => this.levelAt(index + 1 - k))
    this.memory.outputs = outputs
    this.memory.stepIndex = index + 1
    return { sample: update(levels, outputs.slice(-order).reverse(), sample), denoised }
  }

  protected freshMemory(): DeisMemory {
    return { stepIndex: null, beginIndex: null, outputs: [] }
  }

  private orderAt(index: number, known: number): number {
    const left = this.timesteps.length - index
    const lowers = this.config.lower_order_final && this.timesteps.length < FEW_STEPS
    return Math.min(this.config.solver_order, known, lowers ? left : known)
  }

  private bounded(clean: Float32Array, batch: number): Float32Array {
    const { thresholding, dynamic_thresholding_ratio: ratio, sample_max_value: max } = this.config
    return thresholding ? dynamicThreshold(clean, batch, ratio, max) : clean
  }
}

/** levels: target, newest, older ...; outputs: newest first. */
function update(levels: readonly Level[], outputs: readonly Float32Array[], sample: Float32Array): Float32Array {
  const [target, source] = levels
  if (outputs.length === 1) {
    const h = fround(lambdaOf(target) - lambdaOf(source))
    const growth = fround(target.sigma * fround(fround(exp(h)) - 1))
    return combine2(fround(target.alpha / source.alpha), sample, -growth, outputs[0])
  }
  const rhos = levels.map(({ alpha, sigma }) => fround(sigma / alpha))
  if (outputs.length === 2) return combined(target.alpha, source.alpha, sample, [...secondOrder(rhos), 0], outputs)
  return combined(target.alpha, source.alpha, sample, thirdOrder(rhos), outputs)
}

/** alpha (x / alpha_s + c1 m0 + c2 m1 + c3 m2); two outputs count the second one twice, with c3 = 0. */
function combined(
  alpha: number,
  sourceAlpha: number,
  sample: Float32Array,
  [c1, c2, c3]: readonly number[],
  outputs: readonly Float32Array[],
): Float32Array {
  const [m0, m1, m2 = m1] = outputs
  const out = new Float32Array(sample.length)
  for (let i = 0; i < out.length; i++) {
    const start = fround(fround(sample[i] / sourceAlpha) + fround(c1 * m0[i]))
    out[i] = alpha * fround(fround(start + fround(c2 * m1[i])) + fround(c3 * m2[i]))
  }
  return out
}

/** Coefficients of the two outputs: integral of (log r - log c) / (log b - log c) from rho_s to rho_t. */
function secondOrder([target, newest, older]: readonly number[]): [number, number] {
  const primitive = (t: number, b: number, c: number) => {
    const factor = fround(fround(logFloat32(t) - logFloat32(c)) - 1)
    return fround(fround(t * factor) / fround(logFloat32(b) - logFloat32(c)))
  }
  return [
    fround(primitive(target, newest, older) - primitive(newest, newest, older)),
    fround(primitive(target, older, newest) - primitive(newest, older, newest)),
  ]
}

function thirdOrder([target, newest, older, oldest]: readonly number[]): [number, number, number] {
  const between = (b: number, c: number, d: number) =>
    fround(thirdPrimitive(target, b, c, d) - thirdPrimitive(newest, b, c, d))
  return [between(newest, older, oldest), between(older, oldest, newest), between(oldest, newest, older)]
}

/** t (log c (log d - log t + 1) - log d log t + log d + log^2 t - 2 log t + 2) / ((log b - log c) (log b - log d)) */
function thirdPrimitive(t: number, b: number, c: number, d: number): number {
  const [logT, logB, logC, logD] = [t, b, c, d].map(logFloat32)
  const terms = [-fround(logD * logT), logD, fround(logT * logT), -fround(2 * logT), 2]
  const first = fround(logC * fround(fround(logD - logT) + 1))
  const numerator = fround(t * terms.reduce((sum, term) => fround(sum + term), first))
  return fround(numerator / fround(fround(logB - logC) * fround(logB - logD)))
}
