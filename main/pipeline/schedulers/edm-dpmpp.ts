/**
 * DPM-Solver++ in its multistep form for networks in EDM preconditioning, where alpha = 1 and lambda = -log sigma.
 * The updates are those of dpm-update.ts over Karras' noise levels.
 *
 * Lu et al. 2022 (arXiv 2211.01095), Karras et al. 2022 (2206.00364). Equals diffusers' EDMDPMSolverMultistepScheduler.
 */
import { linspaceFloat32 } from '../noise-schedule.ts'
import { thresholdFields } from './common-fields.ts'
import { choiceField, flagField, numberField, readConfig, readOptions, type Values } from './config-fields.ts'
import { dpmUpdate } from './dpm-update.ts'
import { exponentialSigmas } from './edm-euler.ts'
import { EDM_FIELDS, EdmSampler } from './edm.ts'
import type { Memory } from './memory.ts'
import { drawNoise } from './sampler.ts'
import type { SamplerOptions, SchedulerConfig, SetTimesteps, StepInput, StepOutput } from './scheduler.ts'
import { checkScheduleRequest } from './set-timesteps.ts'
import { checkSteps } from './spacing.ts'
import { dynamicThreshold } from './threshold.ts'

const FIELDS = {
  ...EDM_FIELDS,
  ...thresholdFields(),
  solver_order: numberField(2, { min: 1, max: 3, whole: true }),
  algorithm_type: choiceField(['dpmsolver++', 'sde-dpmsolver++', 'deis'], 'dpmsolver++'),
  solver_type: choiceField(['midpoint', 'heun', 'logrho', 'bh1', 'bh2'], 'midpoint'),
  lower_order_final: flagField(true),
  euler_at_final: flagField(false),
}
const FEW_STEPS = 15
const { fround } = Math

interface EdmDpmMemory extends Memory {
  /** Predicted clean samples, the newest last. */
  outputs: Float32Array[]
}

export class EdmDpmpp extends EdmSampler<EdmDpmMemory> {
  private readonly config: Values<typeof FIELDS>

  constructor(config: SchedulerConfig, options: SamplerOptions = {}, className = 'EDMDPMSolverMultistepScheduler') {
    const values = readConfig(className, FIELDS, config)
    super(className, values)
    readOptions({}, options)
    this.config = values
  }

  setTimesteps(request: SetTimesteps): void {
    checkScheduleRequest(request)
    const { steps = 0 } = request
    const { sigma_min: min, sigma_max: max, rho, sigma_schedule: schedule } = this.config
    checkSteps(steps, this.config.num_train_timesteps)
    const sigmas = schedule === 'karras' ? karrasFloat32(min, max, rho, steps) : exponentialSigmas(min, max, steps)
    this.startLevels(sigmas, this.config.final_sigmas_type === 'zero' ? 0 : min)
  }

  step(input: StepInput): StepOutput {
    const { output, sample, timestep, batch = 1 } = input
    const index = this.currentIndex(timestep)
    const { thresholding, dynamic_thresholding_ratio: ratio, sample_max_value: max } = this.config
    const clean = this.denoised(sample, output, this.sigmas[index])
    const denoised = thresholding ? dynamicThreshold(clean, batch, ratio, max) : clean
    const outputs = [...this.memory.outputs, denoised].slice(-this.config.solver_order)
    const order = this.orderAt(index, outputs.length)
    const levels = Array.from({ length: order + 1 }, (_, k) => ({ alpha: 1, sigma: this.sigmas[index + 1 - k] }))
    const algorithm = this.config.algorithm_type === 'sde-dpmsolver++' ? 'sde-dpmsolver++' : 'dpmsolver++'
    const noise = algorithm === 'sde-dpmsolver++' ? drawNoise(input) : null
    const solver = this.config.solver_type === 'heun' ? 'heun' : 'midpoint'
    const next = dpmUpdate(algorithm, solver, levels, outputs.slice(-order).reverse(), sample, noise)
    this.memory = { ...this.memory, outputs, stepIndex: index + 1 }
    return { sample: next, denoised }
  }

  protected freshMemory(): EdmDpmMemory {
    return { stepIndex: null, beginIndex: null, outputs: [] }
  }

  protected override indexOfUnknownTimestep(): number {
    return this.timesteps.length - 1
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
}

/** Karras' levels in float32, as this class of the reference computes them. */
function karrasFloat32(min: number, max: number, rho: number, steps: number): Float32Array {
  const high = max ** (1 / rho)
  const range = fround(min ** (1 / rho) - high)
  return linspaceFloat32(0, 1, steps).map(u => fround(fround(high) + fround(u * range)) ** rho)
}
