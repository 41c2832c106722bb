/**
 * Euler's method on the straight paths of rectified flow, where the model predicts u = eps - x0; or, with
 * `stochastic_sampling`, a jump to x0 and fresh noise of the next level.
 *
 *   x' = x + (sigma' - sigma) u        stochastic: x' = (1 - sigma') (x - sigma u) + sigma' z
 *
 * Liu et al. 2023 (arXiv 2209.03003), Lipman et al. 2023 (2210.02747). Equals diffusers' FlowMatchEulerDiscreteScheduler.
 */
import { flagField, readConfig, readOptions, type Values } from './config-fields.ts'
import { FlowSampler } from './flow-sampler.ts'
import { FLOW_FIELDS, FlowSchedule } from './flow-schedule.ts'
import { combine2 } from './kernels.ts'
import type { Memory } from './memory.ts'
import { drawNoise } from './sampler.ts'
import type { SamplerOptions, SchedulerConfig, SetTimesteps, StepInput, StepOutput } from './scheduler.ts'
import { checkScheduleRequest } from './set-timesteps.ts'

const FIELDS = { ...FLOW_FIELDS, stochastic_sampling: flagField(false) }
const { fround } = Math

export class FlowMatchEuler extends FlowSampler {
  private readonly config: Values<typeof FIELDS>
  private readonly schedule: FlowSchedule

  constructor(config: SchedulerConfig, options: SamplerOptions = {}, className = 'FlowMatchEulerDiscreteScheduler') {
    super(className)
    this.config = readConfig(className, FIELDS, config)
    readOptions({}, options)
    this.schedule = new FlowSchedule(className, this.config)
  }

  setTimesteps(request: SetTimesteps): void {
    checkScheduleRequest(request, { custom: ['timesteps', 'sigmas'], extras: ['mu'] })
    const { timesteps, sigmas } = this.schedule.levelsOf(request)
    this.start(timesteps, sigmas)
  }

  step(input: StepInput): StepOutput {
    const { output, sample, timestep } = input
    const index = this.currentIndex(timestep)
    const sigma = this.sigmas[index]
    const next = this.sigmas[index + 1]
    const denoised = combine2(1, sample, -sigma, output)
    this.memory.stepIndex = index + 1
    if (!this.config.stochastic_sampling) {
      return { sample: combine2(1, sample, fround(next - sigma), output), denoised }
    }
    return { sample: combine2(fround(1 - next), denoised, next, drawNoise(input)), denoised }
  }

  protected freshMemory(): Memory {
    return { stepIndex: null, beginIndex: null }
  }
}
