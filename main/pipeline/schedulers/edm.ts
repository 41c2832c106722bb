/**
 * What the EDM samplers share: the preconditioning that wraps a network F of unit inputs and outputs, and its noise levels.
 *
 *   D(x, sigma) = c_skip x + c_out F(c_in x, c_noise),   c_skip = s^2 / (sigma^2 + s^2),  c_out = sigma s / sqrt(sigma^2 + s^2)
 *   (with the opposite sign for v),   c_in = 1 / sqrt(sigma^2 + s^2),  c_noise = log(sigma) / 4,   s = sigma_data
 *
 * Karras et al. 2022 (arXiv 2206.00364), table 1.
 */
import { choiceField, numberField, type Values } from './config-fields.ts'
import { combine2, scaled } from './kernels.ts'
import type { Memory } from './memory.ts'
import { Sampler } from './sampler.ts'

export const EDM_FIELDS = {
  sigma_min: numberField(0.002, { min: 0 }),
  sigma_max: numberField(80, { min: 0 }),
  sigma_data: numberField(0.5, { min: 0 }),
  sigma_schedule: choiceField(['karras', 'exponential'], 'karras'),
  num_train_timesteps: numberField(1000, { min: 1, max: 100_000, whole: true }),
  prediction_type: choiceField(['epsilon', 'v_prediction'], 'epsilon'),
  rho: numberField(7),
  final_sigmas_type: choiceField(['zero', 'sigma_min'], 'zero'),
}
export type EdmConfig = Values<typeof EDM_FIELDS>

const { fround, sqrt } = Math

export abstract class EdmSampler<M extends Memory = Memory> extends Sampler<M> {
  override sigmas: Float32Array = new Float32Array()
  private readonly edm: EdmConfig

  constructor(className: string, config: EdmConfig) {
    super(className)
    this.edm = config
  }

  override get initNoiseSigma(): number {
    return sqrt(this.edm.sigma_max ** 2 + 1)
  }

  /** c_in x */
  override scaleModelInput(sample: Float32Array, timestep: number): Float32Array {
    return scaled(fround(1 / this.rootAt(this.sigmas[this.currentIndex(timestep)])), sample)
  }

  addNoise(original: Float32Array, noise: Float32Array, timestep: number): Float32Array {
    return combine2(1, original, this.sigmas[this.noisingIndex(timestep)], noise)
  }

  /** What F with v-prediction should answer: the F for which D gives back `sample` from its noised form. */
  getVelocity(sample: Float32Array, noise: Float32Array, timestep: number): Float32Array {
    const sigma = this.sigmas[this.indexOfTimestep(timestep)]
    const noisy = combine2(1, sample, sigma, noise)
    const { skip, out } = this.preconditioning(sigma)
    return combine2(fround(skip / -Math.abs(out)), noisy, fround(1 / Math.abs(out)), sample).map(x => -x)
  }

  protected denoised(sample: Float32Array, output: Float32Array, sigma: number): Float32Array {
    const { skip, out } = this.preconditioning(sigma)
    return combine2(skip, sample, out, output)
  }

  /** Levels as they fall, the last appended, and log(sigma) / 4 as timesteps. */
  protected startLevels(sigmas: Float32Array, last: number): void {
    const timesteps = Float64Array.from(sigmas, s => fround(0.25 * fround(Math.log(s))))
    const levels = Float32Array.from([...sigmas, last])
    this.startOver(timesteps, levels)
    this.sigmas = levels
  }

  private preconditioning(sigma: number): { skip: number; out: number } {
    const { sigma_data: data, prediction_type: type } = this.edm
    const total = fround(fround(sigma * sigma) + fround(data * data))
    const size = fround(fround(sigma * fround(data)) / fround(sqrt(total)))
    return { skip: fround(fround(data * data) / total), out: type === 'epsilon' ? size : -size }
  }

  private rootAt(sigma: number): number {
    return fround(sqrt(fround(fround(sigma * sigma) + fround(this.edm.sigma_data ** 2))))
  }
}
