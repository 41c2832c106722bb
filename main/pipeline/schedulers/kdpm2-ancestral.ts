/**
 * The midpoint method down to a level below the next one, then fresh noise up to it ("DPM2 a"): the steps of kdpm2.ts with
 * the split of euler-ancestral.ts. The noise is drawn in the second call of a step; the last step has one call and none.
 *
 *   x' = x + (x_m - x0(x_m, sigma_m)) / sigma_m (sigma_down - sigma) + sigma_up z,  sigma_m = sqrt(sigma sigma_down)
 *
 * After k-diffusion. Equals diffusers' KDPM2AncestralDiscreteScheduler.
 */
import { ancestralSplit } from './euler-ancestral.ts'
import { addScaled, alongSlope } from './kernels.ts'
import { Kdpm2, middlesOf } from './kdpm2.ts'
import { drawNoise } from './sampler.ts'
import type { SamplerOptions, SchedulerConfig, StepInput } from './scheduler.ts'

export class Kdpm2Ancestral extends Kdpm2 {
  constructor(config: SchedulerConfig, options: SamplerOptions = {}, className = 'KDPM2AncestralDiscreteScheduler') {
    super(config, options, className)
  }

  protected override middlesOfSteps(levels: Float32Array): Float32Array {
    const starts = levels.subarray(0, -1)
    const downs = starts.map((sigma, i) => ancestralSplit(sigma, levels[i + 1]).down)
    const middles = middlesOf(downs, starts)
    middles[middles.length - 1] = 0
    return middles
  }

  protected override finished(start: Float32Array, slope: Float32Array, from: number, input: StepInput): Float32Array {
    const sigma = this.sigmas[from]
    const { up, down } = ancestralSplit(sigma, this.sigmas[from + 1])
    return addScaled(alongSlope(start, slope, Math.fround(down - sigma)), up, drawNoise(input))
  }
}
