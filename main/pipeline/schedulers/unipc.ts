/**
 * UniPC: a predictor whose order is raised by one by a corrector that needs no further model call. With h the step in
 * lambda = log(alpha / sigma), r_k = (lambda_k - lambda_s) / h, D_k = (m_k - m_0) / r_k and m the predictions of x0:
 *
 *   x_t = (sigma_t / sigma_s) x - alpha_t (e^-h - 1) m_0 - alpha_t B(h) sum_k rho_k D_k,   rho from R rho = b
 *   R_ij = r_j^(i-1),  b_i = i! phi_i(-h) / B(h),  B(h) = -h ("bh1") or e^-h - 1 ("bh2")
 *
 * Zhao et al. 2023 (arXiv 2302.04867), algorithms 5 to 8. Equals diffusers' UniPCMultistepScheduler.
 */
import { invalidInput, showValue } from '#contract/parse'
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
  fixedField,
  flagField,
  numberField,
  numbersField,
  readConfig,
  readOptions,
  type Values,
} from './config-fields.ts'
import { combine2 } from './kernels.ts'
import type { Memory } from './memory.ts'
import { MultistepPlan, type MultistepLevels } from './multistep-plan.ts'
import { MultistepSampler } from './multistep-sampler.ts'
import { linspace } from './numbers.ts'
import { epsilonOf, FLOW_PREDICTION_TYPES, lambdaOf } from './prediction.ts'
import type { SamplerOptions, SchedulerConfig, SetTimesteps, StepInput, StepOutput } from './scheduler.ts'
import { checkScheduleRequest } from './set-timesteps.ts'
import { solveUniCoefficients } from './unipc-coefficients.ts'
import { differencesOf, transferred, type Transfer } from './unipc-transfer.ts'
import { dynamicThreshold } from './threshold.ts'
import { shiftOfTime, staticShift, stretchToTerminal, TIME_SHIFT_TYPES } from './time-shift.ts'

const FIELDS = {
  ...scheduleFields(),
  ...spacingFields('linspace'),
  ...sigmaSpacingFields(),
  ...thresholdFields(),
  solver_order: numberField(2, { min: 1, max: 9, whole: true }),
  prediction_type: choiceField(FLOW_PREDICTION_TYPES, 'epsilon'),
  predict_x0: flagField(true),
  solver_type: choiceField(['bh1', 'bh2', 'midpoint', 'heun', 'logrho'], 'bh2'),
  lower_order_final: flagField(true),
  disable_corrector: numbersField([], { whole: true }),
  solver_p: fixedField(null),
  use_flow_sigmas: flagField(false),
  flow_shift: numberField(1),
  final_sigmas_type: choiceField(['zero', 'sigma_min'], 'zero'),
  rescale_betas_zero_snr: flagField(false),
  use_dynamic_shifting: flagField(false),
  time_shift_type: choiceField(TIME_SHIFT_TYPES, 'exponential'),
  sigma_min: numberField(null, { min: 0 }),
  sigma_max: numberField(null, { min: 0 }),
  shift_terminal: numberField(null, { min: 0, max: 1 }),
}
/** The flow's first level is kept this far from 1, where there is no signal at all. */
const BELOW_ONE = 1e-6
const { fround } = Math

interface UniPcMemory extends Memory {
  /** Converted model outputs, the newest last. */
  outputs: Float32Array[]
  /** The sample that the last prediction began from, and the order that it had. */
  lastSample: Float32Array | null
  lastOrder: number
}

export class UniPc extends MultistepSampler<UniPcMemory> {
  private readonly config: Values<typeof FIELDS>
  private readonly plan: MultistepPlan
  private readonly solver: 'bh1' | 'bh2'

  constructor(config: SchedulerConfig, options: SamplerOptions = {}, className = 'UniPCMultistepScheduler') {
    const values = readConfig(className, FIELDS, config)
    super(className, values.use_flow_sigmas)
    readOptions({}, options)
    this.config = values
    this.solver = values.solver_type === 'bh1' ? 'bh1' : 'bh2'
    checkPairs(className, values)
    const { sigma_min: sigmaMin, sigma_max: sigmaMax } = values
    const trainSigmas = trainingSigmas(alphasCumprodForSigmas(className, values))
    // Only a flow's levels are shifted, and those are made here.
    const planConfig = { ...values, time_shift_type: 'exponential' } as const
    this.plan = new MultistepPlan(className, planConfig, trainSigmas, { roundsCosine: true, sigmaMin, sigmaMax })
  }

  setTimesteps(request: SetTimesteps): void {
    checkScheduleRequest(request, { custom: ['sigmas'], extras: ['mu'] })
    const { timesteps, sigmas, follows } = this.levels(request)
    const smallest = follows === 'timesteps' ? this.plan.trainSigmas[0] : sigmas[sigmas.length - 1]
    this.start(timesteps, [...sigmas, this.config.final_sigmas_type === 'zero' ? 0 : smallest])
  }

  step(input: StepInput): StepOutput {
    const index = this.currentIndex(input.timestep)
    const { lastSample, lastOrder } = this.memory
    const converted = this.converted(input, index)
    const corrects = index > 0 && lastSample !== null && !this.disabled.includes(index - 1)
    const sample = corrects ? this.corrected(index, lastSample, converted, lastOrder) : input.sample
    const outputs = [...this.memory.outputs, converted].slice(-this.config.solver_order)
    const order = this.orderAt(index, outputs.length)
    this.memory = {
      ...this.memory,
      outputs,
      lastSample: corrects ? sample : sample.slice(),
      lastOrder: order,
      stepIndex: index + 1,
    }
    const denoised = this.config.predict_x0 ? converted : null
    return { sample: this.predicted(index, sample, order), denoised }
  }

  protected freshMemory(): UniPcMemory {
    return { stepIndex: null, beginIndex: null, outputs: [], lastSample: null, lastOrder: 0 }
  }

  private get disabled(): readonly number[] {
    return this.config.disable_corrector ?? []
  }

  /** The last step to sigma 0 is of order 1: higher ones would divide by an infinite step. */
  private orderAt(index: number, known: number): number {
    const left = this.timesteps.length - index
    const lowers = this.config.lower_order_final || (left === 1 && this.sigmas[index + 1] === 0)
    return Math.min(this.config.solver_order, known, lowers ? left : known)
  }

  private converted({ output, sample, batch = 1 }: StepInput, index: number): Float32Array {
    const { prediction_type: type, predict_x0: asClean, thresholding } = this.config
    if (!asClean && type !== 'flow_prediction') return epsilonOf(type, this.levelAt(index), sample, output)
    const clean = this.cleanAt(index, type, sample, output)
    const { dynamic_thresholding_ratio: ratio, sample_max_value: max } = this.config
    return thresholding ? dynamicThreshold(clean, batch, ratio, max) : clean
  }

  /** From the level of `index` to the next one. */
  private predicted(index: number, sample: Float32Array, order: number): Float32Array {
    const transfer = this.transfer(index, index + 1, order)
    const [newest, ...older] = this.memory.outputs.toReversed()
    if (order === 1) return combine2(transfer.scale, sample, transfer.clean, newest)
    const rhos = order === 2 ? [0.5] : solveUniCoefficients(transfer.ratios, transfer.hh, this.solver)
    return transferred(transfer, sample, newest, differencesOf(rhos, older, transfer.ratios))
  }

  /** The last step again, now that the model's answer at its end is known. */
  private corrected(index: number, from: Float32Array, answer: Float32Array, order: number): Float32Array {
    const transfer = this.transfer(index - 1, index, order)
    const [newest, ...older] = this.memory.outputs.toReversed()
    const ratios = [...transfer.ratios, 1]
    const rhos = order === 1 ? [0.5] : solveUniCoefficients(ratios, transfer.hh, this.solver)
    return transferred(transfer, from, newest, differencesOf(rhos, [...older.slice(0, order - 1), answer], ratios))
  }

  /** Factors of the sample, of the newest output and of the differences' sum; r_k of the older outputs. */
  private transfer(from: number, to: number, order: number): Transfer & { ratios: number[]; hh: number } {
    const source = this.levelAt(from)
    const target = this.levelAt(to)
    const lambda = lambdaOf(source)
    const h = fround(lambdaOf(target) - lambda)
    const hh = this.config.predict_x0 ? -h : h
    const ratios = Array.from({ length: order - 1 }, (_, k) =>
      fround(fround(lambdaOf(this.levelAt(from - 1 - k)) - lambda) / h),
    )
    const [scale, weight] = this.config.predict_x0
      ? [fround(target.sigma / source.sigma), target.alpha]
      : [fround(target.alpha / source.alpha), target.sigma]
    const phi = fround(Math.expm1(hh))
    const bend = -fround(weight * (this.solver === 'bh1' ? hh : phi))
    return { scale, clean: -fround(weight * phi), bend, ratios, hh }
  }

  private levels(request: SetTimesteps): MultistepLevels {
    const { num_train_timesteps: trainSteps, use_flow_sigmas: flow, use_karras_sigmas: karras } = this.config
    if (!flow) {
      if (request.sigmas === undefined) return this.plan.levelsOf(request)
      const allowed = 'steps, because the config has use_flow_sigmas = false'
      throw invalidInput([{ path: 'sigmas', value: showValue(request.sigmas), allowed }])
    }
    const sigmas = karras ? this.karrasFlowSigmas(request) : this.shiftedSigmas(request)
    return { sigmas, timesteps: sigmas.map(s => s * trainSteps), follows: 'flow' }
  }

  /** Karras' levels are noise to signal; a flow's are shares of noise. */
  private karrasFlowSigmas(request: SetTimesteps): Float64Array {
    if (request.sigmas === undefined) return this.plan.levelsOf(request).sigmas.map(s => s / (s + 1))
    const allowed = 'steps, because the sigmas are spaced by karras'
    throw invalidInput([{ path: 'sigmas', value: showValue(request.sigmas), allowed }])
  }

  private shiftedSigmas({ steps = 0, sigmas: custom, mu }: SetTimesteps): Float64Array {
    const { num_train_timesteps: trainSteps, shift_terminal: terminal, flow_shift: shift } = this.config
    const plain = custom ? Float64Array.from(custom) : linspace(1, 1 / trainSteps, steps + 1).subarray(0, steps)
    if (this.config.use_dynamic_shifting && mu === undefined) {
      throw invalidInput([{ path: 'mu', value: 'missing', allowed: 'a number, because use_dynamic_shifting is true' }])
    }
    const dynamic = this.config.use_dynamic_shifting ? mu : undefined
    const shifted =
      dynamic === undefined
        ? plain.map(s => staticShift(shift, s))
        : plain.map(s => shiftOfTime(this.config.time_shift_type, dynamic, s))
    const sigmas = terminal === null || terminal === 0 ? shifted : stretchToTerminal(shifted, terminal)
    if (Math.abs(sigmas[0] - 1) < BELOW_ONE) sigmas[0] -= BELOW_ONE
    return sigmas
  }
}

function checkPairs(className: string, config: Values<typeof FIELDS>): void {
  const { predict_x0: asClean, prediction_type: type, shift_terminal: terminal, use_flow_sigmas: flow } = config
  if (terminal !== null && !flow) {
    throw configError(className, 'shift_terminal', terminal, 'null, because use_flow_sigmas is false')
  }
  if (!asClean && type === 'flow_prediction') {
    throw configError(className, 'prediction_type', type, 'epsilon, sample, v_prediction for predict_x0 = false')
  }
}
