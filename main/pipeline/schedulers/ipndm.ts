/**
 * Improved PNDM: Adams-Bashforth of up to four terms from the first step on, for models of the cosine schedule
 * beta = sin^2(pi t / 2), alpha = sqrt(1 - beta^2), whose output is a velocity.
 *
 *   e = beta x + alpha u,  x' = alpha' (x - beta e*) / alpha + beta' e*,  e* the mean slope
 *
 * After Katherine Crowson's v-diffusion; Liu et al. 2022 (arXiv 2202.09778). Equals diffusers' IPNDMScheduler.
 */
import { linspaceFloat32 } from '../noise-schedule.ts'
import { adamsBashforth } from './adams-bashforth.ts'
import { configError, numberField, numbersField, readConfig, readOptions, type Values } from './config-fields.ts'
import { combine2, differenceQuotient } from './kernels.ts'
import type { Memory } from './memory.ts'
import { Sampler } from './sampler.ts'
import type { SamplerOptions, SchedulerConfig, SetTimesteps, StepInput, StepOutput } from './scheduler.ts'
import { checkScheduleRequest } from './set-timesteps.ts'
import { checkSteps } from './spacing.ts'

const FIELDS = {
  num_train_timesteps: numberField(1000, { min: 1, max: 100_000, whole: true }),
  trained_betas: numbersField(null, { min: 0, max: 1 }),
}
const SMALLEST_ALPHA = 1e-8
const MAX_ORDER = 4
const { fround, sqrt, sin, atan2, PI } = Math

interface IpndmMemory extends Memory {
  /** The newest last. */
  slopes: Float32Array[]
}

export class Ipndm extends Sampler<IpndmMemory> {
  private readonly config: Values<typeof FIELDS>
  private alphas: Float32Array = new Float32Array()
  private betas: Float32Array = new Float32Array()

  constructor(config: SchedulerConfig, options: SamplerOptions = {}, className = 'IPNDMScheduler') {
    super(className)
    this.config = readConfig(className, FIELDS, config)
    readOptions({}, options)
    const betas = this.config.trained_betas
    if (betas !== null && betas.length < 2) throw configError(className, 'trained_betas', betas, 'at least two values')
  }

  setTimesteps(request: SetTimesteps): void {
    checkScheduleRequest(request)
    const { steps = 0 } = request
    checkSteps(steps, this.config.num_train_timesteps)
    this.betas = this.config.trained_betas === null ? cosineBetas(steps) : Float32Array.from(this.config.trained_betas)
    this.alphas = this.betas.map(beta => sqrt(fround(1 - fround(beta * beta))))
    const angles = this.betas.map((beta, i) => fround(atan2(beta, this.alphas[i])))
    this.startOver(
      Float64Array.from(angles.subarray(0, -1), angle => fround(fround(angle / fround(PI)) * 2)),
      null,
    )
  }

  step({ output, sample, timestep }: StepInput): StepOutput {
    const index = this.currentIndex(timestep)
    const slope = combine2(this.betas[index], sample, this.alphas[index], output)
    const slopes = [...this.memory.slopes, slope].slice(-MAX_ORDER)
    const mean = adamsBashforth(slopes.toReversed())
    const alpha = Math.max(this.alphas[index], fround(SMALLEST_ALPHA))
    const clean = differenceQuotient(1, sample, this.betas[index], mean, alpha)
    this.memory = { ...this.memory, slopes, stepIndex: index + 1 }
    return { sample: combine2(this.alphas[index + 1], clean, this.betas[index + 1], mean), denoised: clean }
  }

  addNoise(original: Float32Array, noise: Float32Array, timestep: number): Float32Array {
    const index = this.noisingIndex(timestep)
    return combine2(this.alphas[index], original, this.betas[index], noise)
  }

  /** alpha eps - beta x0 */
  getVelocity(sample: Float32Array, noise: Float32Array, timestep: number): Float32Array {
    const index = this.indexOfTimestep(timestep)
    return combine2(this.alphas[index], noise, -this.betas[index], sample)
  }

  protected freshMemory(): IpndmMemory {
    return { stepIndex: null, beginIndex: null, slopes: [] }
  }
}

function cosineBetas(steps: number): Float32Array {
  const times = linspaceFloat32(1, 0, steps + 1)
  times[steps] = 0
  return times.map(t => {
    const root = fround(sin(fround(fround(t * fround(PI)) / 2)))
    return root * root
  })
}
