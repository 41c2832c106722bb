/**
 * Euler steps to a level below the next one, then fresh noise up to it ("Euler a"), drawn at every step, the last included.
 *
 *   sigma_up^2 = sigma'^2 (sigma^2 - sigma'^2) / sigma^2,  sigma_down^2 = sigma'^2 - sigma_up^2
 *   x' = x + (x - x0) / sigma (sigma_down - sigma) + sigma_up z
 *
 * Ancestral sampling of Ho et al. 2020 in the form of k-diffusion. Equals diffusers' EulerAncestralDiscreteScheduler.
 */
import { alphasCumprodForSigmas, scheduleFields, spacingFields } from './common-fields.ts'
import { choiceField, flagField, readConfig, readOptions, type Values } from './config-fields.ts'
import { addScaled, eulerStep } from './kernels.ts'
import type { Memory } from './memory.ts'
import { cleanOfScaled } from './prediction.ts'
import { drawNoise } from './sampler.ts'
import type { SamplerOptions, SchedulerConfig, SetTimesteps, StepInput, StepOutput } from './scheduler.ts'
import { checkScheduleRequest } from './set-timesteps.ts'
import { planOf, SigmaSampler, withLast } from './sigma-sampler.ts'

const FIELDS = {
  ...scheduleFields(),
  ...spacingFields('linspace'),
  prediction_type: choiceField(['epsilon', 'v_prediction'], 'epsilon'),
  rescale_betas_zero_snr: flagField(false),
}
const { fround, sqrt } = Math

export class EulerAncestral extends SigmaSampler {
  private readonly config: Values<typeof FIELDS>

  constructor(config: SchedulerConfig, options: SamplerOptions = {}, className = 'EulerAncestralDiscreteScheduler') {
    const values = readConfig(className, FIELDS, config)
    super(className, alphasCumprodForSigmas(className, values), planOf(values, null))
    readOptions({}, options)
    this.config = values
  }

  setTimesteps(request: SetTimesteps): void {
    checkScheduleRequest(request)
    const { timesteps, sigmas } = this.levelsOf(request)
    this.start(timesteps, withLast(sigmas, 0))
  }

  step(input: StepInput): StepOutput {
    const { output, sample, timestep } = input
    const index = this.currentIndex(timestep)
    const sigma = this.sigmas[index]
    const denoised = cleanOfScaled(this.config.prediction_type, sigma, sigma, sample, output)
    const { up, down } = ancestralSplit(sigma, this.sigmas[index + 1])
    const next = eulerStep(sample, denoised, sigma, fround(down - sigma))
    this.memory.stepIndex = index + 1
    return { sample: addScaled(next, up, drawNoise(input)), denoised }
  }

  protected freshMemory(): Memory {
    return { stepIndex: null, beginIndex: null }
  }
}

/** How far down to go from `sigma`, and how much noise to add, to arrive at the noise level `next`. */
export function ancestralSplit(sigma: number, next: number): { up: number; down: number } {
  const from = fround(sigma * sigma)
  const to = fround(next * next)
  const up = fround(sqrt(fround(fround(to * fround(from - to)) / from)))
  return { up, down: fround(sqrt(fround(to - fround(up * up)))) }
}
