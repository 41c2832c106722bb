/**
 * Consistency sampling of distilled rectified-flow models: jump to x0, add fresh noise of the next level, jump again. Noise
 * is drawn in every step, the last included (where it is multiplied by 0).
 *
 *   x' = (1 - sigma') (x - sigma u) + sigma' z
 *
 * Luo et al. 2023 (arXiv 2310.04378) carried over to flows. Equals diffusers' FlowMatchLCMScheduler without its resizing
 * between steps (`scale_factors`).
 */
import { choiceField, fixedField, readConfig, readOptions } from './config-fields.ts'
import { FlowSampler } from './flow-sampler.ts'
import { FLOW_FIELDS, FlowSchedule } from './flow-schedule.ts'
import { combine2 } from './kernels.ts'
import type { Memory } from './memory.ts'
import { toFloat32 } from './numbers.ts'
import { drawNoise } from './sampler.ts'
import type { SamplerOptions, SchedulerConfig, SetTimesteps, StepInput, StepOutput } from './scheduler.ts'
import { checkScheduleRequest } from './set-timesteps.ts'

const UPSCALE_MODES = ['nearest', 'linear', 'bilinear', 'bicubic', 'trilinear', 'area', 'nearest-exact'] as const
const FIELDS = {
  ...FLOW_FIELDS,
  scale_factors: fixedField(null),
  upscale_mode: choiceField(UPSCALE_MODES, 'bicubic'),
}

export class FlowMatchLcm extends FlowSampler {
  private readonly schedule: FlowSchedule
  private readonly inverts: boolean

  constructor(config: SchedulerConfig, options: SamplerOptions = {}, className = 'FlowMatchLCMScheduler') {
    super(className)
    const values = readConfig(className, FIELDS, config)
    readOptions({}, options)
    this.schedule = new FlowSchedule(className, values)
    this.inverts = values.invert_sigmas
  }

  setTimesteps(request: SetTimesteps): void {
    checkScheduleRequest(request, { custom: ['timesteps', 'sigmas'], extras: ['mu'] })
    const { timesteps, sigmas } = this.schedule.levelsOf(request)
    // A list of timesteps is given to the model as it came, though its levels are shifted.
    const keeps = request.timesteps !== undefined && !this.inverts
    this.start(keeps ? toFloat32(Float64Array.from(request.timesteps ?? [])) : timesteps, sigmas)
  }

  step(input: StepInput): StepOutput {
    const { output, sample, timestep } = input
    const index = this.currentIndex(timestep)
    const next = this.sigmas[index + 1]
    const denoised = combine2(1, sample, -this.sigmas[index], output)
    this.memory.stepIndex = index + 1
    return { sample: combine2(Math.fround(1 - next), denoised, next, drawNoise(input)), denoised }
  }

  protected freshMemory(): Memory {
    return { stepIndex: null, beginIndex: null }
  }
}
