/**
 * Base of the samplers whose samples are x = x0 + sigma eps and whose model sees x / sqrt(sigma^2 + 1): Euler, Heun, LMS,
 * KDPM2 and their relatives. Karras et al. 2022 (arXiv 2206.00364), in the discrete form of k-diffusion and diffusers.
 */
import { trainingSigmas } from '../noise-schedule.ts'
import { combine2, divided } from './kernels.ts'
import type { Memory } from './memory.ts'
import { interpolate } from './numbers.ts'
import { levelOfSigma } from './prediction.ts'
import { Sampler } from './sampler.ts'
import { logOf, timestepOfSigma } from './sigma-schedules.ts'
import type { TimestepSpacing } from './spacing.ts'

const { fround } = Math

export abstract class SigmaSampler<M extends Memory = Memory> extends Sampler<M> {
  override sigmas: Float32Array = new Float32Array()
  /** sigma of every training step, rising. */
  protected readonly trainSigmas: Float32Array
  private readonly logTrainSigmas: Float32Array
  private readonly spacing: TimestepSpacing

  constructor(className: string, alphasCumprod: Float32Array, spacing: TimestepSpacing) {
    super(className)
    this.trainSigmas = trainingSigmas(alphasCumprod)
    this.logTrainSigmas = logOf(this.trainSigmas)
    this.spacing = spacing
  }

  /** "leading" never visits the noisiest step, so its first sample keeps a signal of variance 1. */
  override get initNoiseSigma(): number {
    const max = this.sigmas.reduce((a, b) => Math.max(a, b), 0)
    return this.spacing === 'leading' ? rootOfSquarePlusOne(max) : max
  }

  override scaleModelInput(sample: Float32Array, timestep: number): Float32Array {
    return divided(sample, rootOfSquarePlusOne(this.sigmas[this.currentIndex(timestep)]))
  }

  /** x0 + sigma eps */
  addNoise(original: Float32Array, noise: Float32Array, timestep: number): Float32Array {
    return combine2(1, original, this.sigmas[this.noisingIndex(timestep)], noise)
  }

  /** v = alpha eps - sigma x0 at the level of this timestep. */
  getVelocity(sample: Float32Array, noise: Float32Array, timestep: number): Float32Array {
    const level = levelOfSigma(this.sigmas[this.indexOfTimestep(timestep)])
    return combine2(level.alpha, noise, -level.sigma, sample)
  }

  protected sigmaOfTimestep(timestep: number): number {
    return interpolate(this.trainSigmas, timestep)
  }

  protected timestepOfSigma(sigma: number): number {
    return timestepOfSigma(sigma, this.logTrainSigmas)
  }
}

function rootOfSquarePlusOne(sigma: number): number {
  return fround(Math.sqrt(fround(fround(sigma * sigma) + 1)))
}
