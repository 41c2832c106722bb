/**
 * Predictor-corrector sampling of the variance-exploding SDE: at each noise level some Langevin steps towards the model's
 * score s, then one reverse-diffusion step to the next level. The model is asked at sigma, and answers with the score.
 *
 *   corrector   x' = x + e s + sqrt(2 e) z,  e = 2 (snr |z| / |s|)^2
 *   predictor   x' = x + (sigma_i^2 - sigma_{i-1}^2) s + sqrt(sigma_i^2 - sigma_{i-1}^2) z
 *
 * Song et al. 2021 (arXiv 2011.13456), algorithms 2 and 4. Equals diffusers' ScoreSdeVeScheduler with step_correct and
 * step_pred called in its pipeline's order.
 */
import { linspaceFloat32 } from '../noise-schedule.ts'
import { numberField, readConfig, readOptions, type Values } from './config-fields.ts'
import { addScaled, combine2 } from './kernels.ts'
import type { Memory } from './memory.ts'
import { drawNoise, Sampler } from './sampler.ts'
import type { SamplerOptions, SchedulerConfig, SetTimesteps, StepInput, StepOutput } from './scheduler.ts'
import { checkScheduleRequest } from './set-timesteps.ts'
import { checkSteps } from './spacing.ts'

const FIELDS = {
  num_train_timesteps: numberField(2000, { min: 1, max: 100_000, whole: true }),
  snr: numberField(0.15, { min: 0 }),
  sigma_min: numberField(0.01, { min: 0 }),
  sigma_max: numberField(1348, { min: 0 }),
  sampling_eps: numberField(1e-5, { min: 0, max: 1 }),
  correct_steps: numberField(1, { min: 0, max: 100, whole: true }),
}
const { fround, sqrt } = Math

export class ScoreSdeVe extends Sampler {
  private readonly config: Values<typeof FIELDS>
  /** Rising levels of the predictor. */
  private levels: Float32Array = new Float32Array()
  /** Times from 1 down to sampling_eps. */
  private times: Float32Array = new Float32Array()

  constructor(config: SchedulerConfig, options: SamplerOptions = {}, className = 'ScoreSdeVeScheduler') {
    super(className)
    this.config = readConfig(className, FIELDS, config)
    readOptions({}, options)
  }

  override get initNoiseSigma(): number {
    return this.config.sigma_max
  }

  /** One entry a model call: correct_steps + 1 for each level. */
  setTimesteps(request: SetTimesteps): void {
    checkScheduleRequest(request)
    const { steps = 0 } = request
    const { sigma_min: min, sigma_max: max, sampling_eps: eps, num_train_timesteps: trainSteps } = this.config
    checkSteps(steps, trainSteps)
    this.times = linspaceFloat32(1, eps, steps)
    this.levels = linspaceFloat32(Math.log(min), Math.log(max), steps).map(Math.exp)
    const sigmas = this.times.map(t => fround(min) * fround((max / min) ** t))
    this.startOver(Float64Array.from([...sigmas].flatMap(sigma => Array<number>(this.callsPerLevel).fill(sigma))), null)
  }

  step(input: StepInput): StepOutput {
    const call = this.memory.stepIndex ?? this.memory.beginIndex ?? 0
    this.memory.stepIndex = call + 1
    const isCorrector = call % this.callsPerLevel < this.config.correct_steps
    return isCorrector ? this.correct(input) : this.predict(input, Math.floor(call / this.callsPerLevel))
  }

  addNoise(original: Float32Array, noise: Float32Array, timestep: number): Float32Array {
    return combine2(1, original, fround(timestep), noise)
  }

  /** This kind of model answers with a score, -eps / sigma; there is no velocity to train on but eps itself. */
  getVelocity(_sample: Float32Array, noise: Float32Array, timestep: number): Float32Array {
    return noise.map(z => -z / timestep)
  }

  protected freshMemory(): Memory {
    return { stepIndex: null, beginIndex: null }
  }

  private get callsPerLevel(): number {
    return this.config.correct_steps + 1
  }

  private correct(input: StepInput): StepOutput {
    const { output, sample, batch = 1 } = input
    const noise = drawNoise(input)
    const ratio = fround(fround(fround(this.config.snr) * meanNorm(noise, batch)) / meanNorm(output, batch))
    const size = fround(fround(ratio * ratio) * 2)
    const mean = combine2(1, sample, size, output)
    return { sample: addScaled(mean, fround(sqrt(fround(size * 2))), noise), denoised: null }
  }

  private predict(input: StepInput, level: number): StepOutput {
    const index = Math.trunc(fround(this.times[level] * (this.times.length - 1)))
    const sigma = this.levels[index]
    const below = index === 0 ? 0 : this.levels[index - 1]
    const diffusion = fround(sqrt(fround(fround(sigma * sigma) - fround(below * below))))
    const mean = combine2(1, input.sample, fround(diffusion * diffusion), input.output)
    return { sample: addScaled(mean.slice(), diffusion, drawNoise(input)), denoised: mean }
  }
}

/** Euclidean norm of each image, averaged over the batch. */
function meanNorm(values: Float32Array, batch: number): number {
  const size = values.length / batch
  let sum = 0
  for (let b = 0; b < batch; b++) {
    let squares = 0
    for (let i = b * size; i < (b + 1) * size; i++) squares += values[i] * values[i]
    sum += fround(sqrt(squares))
  }
  return fround(sum / batch)
}
