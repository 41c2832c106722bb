/**
 * Euler's method with churn for networks in EDM preconditioning, over Karras' noise levels.
 *
 *   x' = x + (x - D(x, sigma_hat)) / sigma_hat (sigma' - sigma_hat)
 *
 * Karras et al. 2022 (arXiv 2206.00364), algorithm 2 without the correction. Equals diffusers' EDMEulerScheduler.
 */
import { linspaceFloat32 } from '../noise-schedule.ts'
import { churned, CHURN_OPTIONS, type ChurnOptions } from './churn.ts'
import { readConfig, readOptions } from './config-fields.ts'
import { EDM_FIELDS, EdmSampler, type EdmConfig } from './edm.ts'
import { eulerStep } from './kernels.ts'
import type { Memory } from './memory.ts'
import type { SamplerOptions, SchedulerConfig, SetTimesteps, StepInput, StepOutput } from './scheduler.ts'
import { checkScheduleRequest } from './set-timesteps.ts'
import { karrasSigmas } from './sigma-schedules.ts'
import { checkSteps } from './spacing.ts'

export class EdmEuler extends EdmSampler {
  private readonly config: EdmConfig
  private readonly options: ChurnOptions

  constructor(config: SchedulerConfig, options: SamplerOptions = {}, className = 'EDMEulerScheduler') {
    const values = readConfig(className, EDM_FIELDS, config)
    super(className, values)
    this.config = values
    this.options = readOptions(CHURN_OPTIONS, options)
  }

  setTimesteps(request: SetTimesteps): void {
    checkScheduleRequest(request)
    const { steps = 0 } = request
    const { sigma_min: min, sigma_max: max, rho, sigma_schedule: schedule } = this.config
    checkSteps(steps, this.config.num_train_timesteps)
    const sigmas =
      schedule === 'karras'
        ? Float32Array.from(karrasSigmas({ min, max }, steps, rho))
        : exponentialSigmas(min, max, steps)
    this.startLevels(sigmas, this.config.final_sigmas_type === 'zero' ? 0 : sigmas[sigmas.length - 1])
  }

  step(input: StepInput): StepOutput {
    const index = this.currentIndex(input.timestep)
    const { sigmaHat, sample } = churned(this.options, this.sigmas.length, this.sigmas[index], input)
    const denoised = this.denoised(sample, input.output, sigmaHat)
    const dt = Math.fround(this.sigmas[index + 1] - sigmaHat)
    this.memory.stepIndex = index + 1
    return { sample: eulerStep(sample, denoised, sigmaHat, dt), denoised }
  }

  protected freshMemory(): Memory {
    return { stepIndex: null, beginIndex: null }
  }
}

/** exp of equal steps in log sigma, falling. */
export function exponentialSigmas(min: number, max: number, steps: number): Float32Array {
  return linspaceFloat32(Math.log(min), Math.log(max), steps).map(Math.exp).reverse()
}
