/**
 * Trajectory consistency sampling: jump to an earlier point s of the trajectory, then add noise up to the next timestep;
 * gamma (`eta`) chooses between the deterministic path (0, s is the next timestep) and full resampling (1, s = 0).
 *
 *   s = floor((1 - eta) t_next),  x_s = sqrt(abar_s) x0 + sqrt(1 - abar_s) eps
 *   x_next = sqrt(abar_next / abar_s) x_s + sqrt(1 - abar_next / abar_s) z;  the last step gives x_s and draws nothing
 *
 * Zheng et al. 2024 (arXiv 2402.19159), algorithm 4. Equals diffusers' TCDScheduler.
 */
import { AlphaSampler } from './alpha-sampler.ts'
import { noiseScheduleOf } from './common-fields.ts'
import { numberField, readConfig, readOptions, type Values } from './config-fields.ts'
import { checkStrength, cutCustom, distilledTimesteps, picked } from './distilled-timesteps.ts'
import { combine2 } from './kernels.ts'
import { DISTILLED_FIELDS } from './lcm.ts'
import type { Memory } from './memory.ts'
import { cleanOf, epsilonOf, levelOfAlphaCumprod } from './prediction.ts'
import { drawNoise } from './sampler.ts'
import type { SamplerOptions, SchedulerConfig, SetTimesteps, StepInput, StepOutput } from './scheduler.ts'
import { checkScheduleRequest } from './set-timesteps.ts'

const OPTIONS = { eta: numberField(0.3, { min: 0, max: 1 }) }
const { fround, sqrt } = Math

export class Tcd extends AlphaSampler {
  private readonly config: Values<typeof DISTILLED_FIELDS>
  private readonly options: Values<typeof OPTIONS>
  /** Steps that were asked for; more than calls where `strength` cut a custom list. */
  private steps = 0

  constructor(config: SchedulerConfig, options: SamplerOptions = {}, className = 'TCDScheduler') {
    const values = readConfig(className, DISTILLED_FIELDS, config)
    super(className, noiseScheduleOf(className, values).alphasCumprod, values.set_alpha_to_one)
    this.config = values
    this.options = readOptions(OPTIONS, options)
  }

  setTimesteps(request: SetTimesteps): void {
    checkScheduleRequest(request, { custom: ['timesteps'], extras: ['strength', 'originalSteps'] })
    this.startOver(this.visited(request), null)
    this.steps = request.steps ?? request.timesteps?.length ?? 0
  }

  step(input: StepInput): StepOutput {
    const { output, timestep, sample } = input
    const { prediction_type: type } = this.config
    const index = this.currentIndex(timestep)
    const next = index + 1 < this.timesteps.length ? this.timesteps[index + 1] : 0
    const alphaCumprodS = this.alphaCumprodAt(Math.floor(fround(fround(1 - this.options.eta) * next)))
    const level = levelOfAlphaCumprod(this.alphaCumprodAt(timestep))
    const levelS = levelOfAlphaCumprod(alphaCumprodS)
    const denoised = cleanOf(type, level, sample, output)
    const earlier = combine2(levelS.alpha, denoised, levelS.sigma, epsilonOf(type, level, sample, output))
    this.memory.stepIndex = index + 1
    if (this.options.eta === 0 || index === this.steps - 1) return { sample: earlier, denoised }
    const ratio = fround(this.previousAlphaCumprod(next) / alphaCumprodS)
    const renoised = combine2(fround(sqrt(ratio)), earlier, fround(sqrt(fround(1 - ratio))), drawNoise(input))
    return { sample: renoised, denoised }
  }

  protected freshMemory(): Memory {
    return { stepIndex: null, beginIndex: null }
  }

  /** An explicit number of original steps makes the reference count every training step instead. */
  private visited(request: SetTimesteps): Float64Array {
    const { num_train_timesteps: trainSteps, original_inference_steps: originalSteps } = this.config
    if (request.originalSteps === undefined) return distilledTimesteps(request, trainSteps, originalSteps)
    const { timesteps, strength = 1 } = request
    if (timesteps !== undefined) return cutCustom(timesteps, trainSteps, checkStrength(strength))
    return picked(
      request,
      Float64Array.from({ length: Math.trunc(trainSteps * checkStrength(strength)) }, (_, i) => i),
    )
  }
}
