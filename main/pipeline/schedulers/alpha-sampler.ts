/**
 * Base of the samplers that work on abar_t of whole training steps (DDPM, DDIM, PNDM, LCM, TCD) instead of on sigmas:
 * forward process, velocity, and the level before the first training step.
 */
import { combine2 } from './kernels.ts'
import type { Memory } from './memory.ts'
import { levelOfAlphaCumprod } from './prediction.ts'
import { Sampler } from './sampler.ts'

export abstract class AlphaSampler<M extends Memory = Memory> extends Sampler<M> {
  protected readonly alphasCumprod: Float32Array
  /** abar of "before the first training step": 1 or that of the first. */
  protected readonly finalAlphaCumprod: number

  constructor(className: string, alphasCumprod: Float32Array, setAlphaToOne: boolean) {
    super(className)
    this.alphasCumprod = alphasCumprod
    this.finalAlphaCumprod = setAlphaToOne ? 1 : alphasCumprod[0]
  }

  /** sqrt(abar) x0 + sqrt(1 - abar) eps */
  addNoise(original: Float32Array, noise: Float32Array, timestep: number): Float32Array {
    const { alpha, sigma } = levelOfAlphaCumprod(this.alphaCumprodAt(timestep))
    return combine2(alpha, original, sigma, noise)
  }

  /** v = sqrt(abar) eps - sqrt(1 - abar) x0 */
  getVelocity(sample: Float32Array, noise: Float32Array, timestep: number): Float32Array {
    const { alpha, sigma } = levelOfAlphaCumprod(this.alphaCumprodAt(timestep))
    return combine2(alpha, noise, -sigma, sample)
  }

  /**
   * "trailing" spacing can end at timestep -1 (61 steps of 1000 do, by float error); the reference then reads the last
   * entry, as a negative index does in Python, and so does this.
   */
  protected alphaCumprodAt(timestep: number): number {
    return this.alphasCumprod[timestep < 0 ? this.alphasCumprod.length + timestep : timestep]
  }

  /** abar of a step's target, which may lie before the first training step. */
  protected previousAlphaCumprod(timestep: number): number {
    return timestep >= 0 ? this.alphasCumprod[timestep] : this.finalAlphaCumprod
  }
}
