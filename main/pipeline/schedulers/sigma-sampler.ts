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
import type { SetTimesteps } from './scheduler.ts'
import { invalidInput, showValue } from '#contract/parse'
import { logOf, spacedSigmas, timestepOfSigma, type SigmaRange, type SigmaSpacing } from './sigma-schedules.ts'
import { fractionalTimesteps, type TimestepSpacing } from './spacing.ts'

const { fround } = Math

/** Which levels a run visits. */
export interface SigmaPlan {
  trainSteps: number
  spacing: TimestepSpacing
  offset: number
  sigmaSpacing: SigmaSpacing | null
}

export interface PlanFields {
  num_train_timesteps: number
  timestep_spacing: TimestepSpacing
  steps_offset: number
}

export function planOf(config: PlanFields, sigmaSpacing: SigmaSpacing | null): SigmaPlan {
  const { num_train_timesteps: trainSteps, timestep_spacing: spacing, steps_offset: offset } = config
  return { trainSteps, spacing, offset, sigmaSpacing }
}

/** One entry a step; `sigmas` without the last level. */
export interface Levels {
  timesteps: Float64Array
  sigmas: Float64Array
}

export abstract class SigmaSampler<M extends Memory = Memory> extends Sampler<M> {
  override sigmas: Float32Array = new Float32Array()
  /** sigma of every training step, rising. */
  protected readonly trainSigmas: Float32Array
  protected readonly plan: SigmaPlan
  protected readonly logTrainSigmas: Float32Array

  constructor(className: string, alphasCumprod: Float32Array, plan: SigmaPlan) {
    super(className)
    this.trainSigmas = trainingSigmas(alphasCumprod)
    this.logTrainSigmas = logOf(this.trainSigmas)
    this.plan = plan
  }

  /** "leading" never visits the noisiest step, so its first sample keeps a signal of variance 1. */
  override get initNoiseSigma(): number {
    const max = this.sigmas.reduce((a, b) => Math.max(a, b), 0)
    return this.plan.spacing === 'leading' ? rootOfSquarePlusOne(max) : max
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

  /** The usual levels: those of the visited timesteps, or spaced anew between the first and the last of them. */
  protected levelsOf(request: SetTimesteps): Levels {
    const timesteps = this.visitedTimesteps(request)
    const sigmas = timesteps.map(t => interpolate(this.trainSigmas, t))
    const range = { min: sigmas[sigmas.length - 1], max: sigmas[0] }
    return this.respaced({ timesteps, sigmas }, range, request.steps ?? timesteps.length)
  }

  protected visitedTimesteps({ steps = 0, timesteps }: SetTimesteps): Float64Array {
    if (timesteps === undefined) return fractionalTimesteps({ ...this.plan, steps })
    if (this.plan.sigmaSpacing === null) return Float64Array.from(timesteps, fround)
    const allowed = `steps, because the sigmas are spaced by ${this.plan.sigmaSpacing}`
    throw invalidInput([{ path: 'timesteps', value: showValue(timesteps), allowed }])
  }

  protected respaced(levels: Levels, range: SigmaRange, steps: number): Levels {
    if (this.plan.sigmaSpacing === null) return levels
    const sigmas = spacedSigmas(this.plan.sigmaSpacing, range, steps)
    return { sigmas, timesteps: sigmas.map(s => this.timestepOfSigma(s)) }
  }

  protected start(timesteps: Float64Array, sigmas: Float32Array): void {
    this.startOver(timesteps, sigmas)
    this.sigmas = sigmas
  }

  protected timestepOfSigma(sigma: number): number {
    return timestepOfSigma(sigma, this.logTrainSigmas)
  }
}

/** Float32 levels, the last one appended. */
export function withLast(sigmas: Float64Array, last: number): Float32Array {
  return Float32Array.from([...sigmas, last])
}

/** Calls of a sampler with two a step: the first value once, the others twice. */
export function onceThenTwice(values: Float64Array): Float64Array {
  return Float64Array.from({ length: 2 * values.length - 1 }, (_, i) => values[(i + 1) >> 1])
}

export function rootOfSquarePlusOne(sigma: number): number {
  return fround(Math.sqrt(fround(fround(sigma * sigma) + 1)))
}
