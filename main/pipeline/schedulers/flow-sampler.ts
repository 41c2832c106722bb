/** Base of the rectified-flow samplers: forward process x = sigma eps + (1 - sigma) x0, velocity eps - x0. */
import { combine2 } from './kernels.ts'
import type { Memory } from './memory.ts'
import { Sampler } from './sampler.ts'

export abstract class FlowSampler<M extends Memory = Memory> extends Sampler<M> {
  override sigmas: Float32Array = new Float32Array()

  addNoise(original: Float32Array, noise: Float32Array, timestep: number): Float32Array {
    const sigma = this.sigmas[this.noisingIndex(timestep)]
    return combine2(sigma, noise, Math.fround(1 - sigma), original)
  }

  getVelocity(sample: Float32Array, noise: Float32Array, _timestep: number): Float32Array {
    return combine2(1, noise, -1, sample)
  }

  protected start(timesteps: Float64Array, sigmas: Float32Array): void {
    this.startOver(timesteps, sigmas)
    this.sigmas = sigmas
  }
}
