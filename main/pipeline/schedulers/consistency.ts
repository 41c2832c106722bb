/**
 * Multistep consistency sampling: the model jumps to the clean sample, noise of the next level is added, and it jumps again.
 *
 *   x0 = c_out F + c_skip x,  c_skip = s^2 / ((sigma - sigma_min)^2 + s^2),  c_out = (sigma - sigma_min) s / sqrt(sigma^2 + s^2)
 *   x' = x0 + sqrt(sigma'^2 - sigma_min^2) z;   one step draws nothing, more steps draw in each, the last included
 *
 * Song et al. 2023 (arXiv 2303.01469), algorithm 1. Equals diffusers' CMStochasticIterativeScheduler.
 */
import { flagField, numberField, readConfig, readOptions, type Values } from './config-fields.ts'
import { addScaled, clampInPlace, combine2, divided, scaled } from './kernels.ts'
import type { Memory } from './memory.ts'
import { drawNoise, Sampler } from './sampler.ts'
import type { SamplerOptions, SchedulerConfig, SetTimesteps, StepInput, StepOutput } from './scheduler.ts'
import { checkScheduleRequest } from './set-timesteps.ts'
import { checkInTraining, checkSteps } from './spacing.ts'

const FIELDS = {
  num_train_timesteps: numberField(40, { min: 2, max: 100_000, whole: true }),
  sigma_min: numberField(0.002, { min: 0 }),
  sigma_max: numberField(80, { min: 0 }),
  sigma_data: numberField(0.5, { min: 0 }),
  s_noise: numberField(1, { min: 0 }),
  rho: numberField(7),
  clip_denoised: flagField(true),
}
const TIMESTEP_SCALE = 250
const { fround, sqrt, log } = Math

export class Consistency extends Sampler {
  override sigmas: Float32Array = new Float32Array()
  private readonly config: Values<typeof FIELDS>

  constructor(config: SchedulerConfig, options: SamplerOptions = {}, className = 'CMStochasticIterativeScheduler') {
    super(className)
    this.config = readConfig(className, FIELDS, config)
    readOptions({}, options)
  }

  override get initNoiseSigma(): number {
    return this.config.sigma_max
  }

  /** Training steps count from the largest noise here: step 0 is sigma_max. */
  setTimesteps(request: SetTimesteps): void {
    checkScheduleRequest(request, { custom: ['timesteps'] })
    const trainSteps = this.config.num_train_timesteps
    const steps = request.timesteps === undefined ? this.even(request.steps ?? 0) : Float64Array.from(request.timesteps)
    checkInTraining(steps, trainSteps)
    const sigmas = steps.toReversed().map(step => this.karras(Math.trunc(step) / (trainSteps - 1)))
    const levels = Float32Array.from([...sigmas, this.config.sigma_min])
    this.startOver(
      sigmas.map(s => TIMESTEP_SCALE * log(s + 1e-44)),
      levels,
    )
    this.sigmas = levels
  }

  override scaleModelInput(sample: Float32Array, timestep: number): Float32Array {
    const sigma = this.sigmas[this.currentIndex(timestep)]
    return divided(sample, fround(sqrt(fround(fround(sigma * sigma) + fround(this.config.sigma_data ** 2)))))
  }

  step(input: StepInput): StepOutput {
    const { output, sample, timestep } = input
    const index = this.currentIndex(timestep)
    const { sigma_min: min, sigma_max: max, num_train_timesteps: trainSteps } = this.config
    const denoised = this.denoised(this.sigmas[index], sample, output)
    const next = this.sigmas[index + 1 < trainSteps ? index + 1 : this.sigmas.length - 1]
    const level = Math.min(Math.max(next, fround(min)), fround(max))
    const size = fround(sqrt(fround(fround(level * level) - fround(min * min))))
    this.memory.stepIndex = index + 1
    if (this.timesteps.length === 1) return { sample: denoised, denoised }
    const noise = scaled(fround(this.config.s_noise), drawNoise(input))
    return { sample: addScaled(denoised.slice(), size, noise), denoised }
  }

  addNoise(original: Float32Array, noise: Float32Array, timestep: number): Float32Array {
    return combine2(1, original, this.sigmas[this.noisingIndex(timestep)], noise)
  }

  /** In the scaled units that the model sees: (eps - sigma x0) / sqrt(sigma^2 + 1). */
  getVelocity(sample: Float32Array, noise: Float32Array, timestep: number): Float32Array {
    const sigma = this.sigmas[this.indexOfTimestep(timestep)]
    const alpha = fround(1 / sqrt(sigma * sigma + 1))
    return combine2(alpha, noise, -fround(sigma * alpha), sample)
  }

  protected freshMemory(): Memory {
    return { stepIndex: null, beginIndex: null }
  }

  private denoised(sigma: number, sample: Float32Array, output: Float32Array): Float32Array {
    const { sigma_min: min, sigma_data: data, clip_denoised: clips } = this.config
    const above = fround(sigma - fround(min))
    const skip = fround(fround(data * data) / fround(fround(above * above) + fround(data * data)))
    const root = fround(sqrt(fround(fround(sigma * sigma) + fround(data * data))))
    const clean = combine2(fround(fround(above * fround(data)) / root), output, skip, sample)
    return clips ? clampInPlace(clean, 1) : clean
  }

  private even(steps: number): Float64Array {
    const trainSteps = this.config.num_train_timesteps
    checkSteps(steps, trainSteps)
    const ratio = Math.floor(trainSteps / steps)
    return Float64Array.from({ length: steps }, (_, i) => (steps - 1 - i) * ratio)
  }

  private karras(u: number): number {
    const { sigma_min: min, sigma_max: max, rho } = this.config
    const high = max ** (1 / rho)
    return (high + u * (min ** (1 / rho) - high)) ** rho
  }
}
