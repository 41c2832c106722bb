/**
 * Base of the multistep solvers in lambda = log(alpha / sigma) (DPM-Solver, UniPC, DEIS, SA-Solver): noise levels are kept
 * as sigma / alpha, or as the flow's sigma, and the model sees the sample as it is. Their timesteps are whole numbers.
 */
import { combine2 } from './kernels.ts'
import type { Memory } from './memory.ts'
import { cleanOf, levelOfFlowSigma, levelOfSigma, type FlowPredictionType, type Level } from './prediction.ts'
import { Sampler } from './sampler.ts'
import { linspace } from './numbers.ts'
import { staticShift } from './time-shift.ts'

export abstract class MultistepSampler<M extends Memory = Memory> extends Sampler<M> {
  override sigmas: Float32Array = new Float32Array()
  private readonly flow: boolean

  constructor(className: string, flow: boolean) {
    super(className)
    this.flow = flow
  }

  /** alpha x0 + sigma eps */
  addNoise(original: Float32Array, noise: Float32Array, timestep: number): Float32Array {
    const { alpha, sigma } = this.levelAt(this.noisingIndex(timestep))
    return combine2(alpha, original, sigma, noise)
  }

  /** alpha eps - sigma x0; for flows eps - x0 */
  getVelocity(sample: Float32Array, noise: Float32Array, timestep: number): Float32Array {
    if (this.flow) return combine2(1, noise, -1, sample)
    const { alpha, sigma } = this.levelAt(this.indexOfTimestep(timestep))
    return combine2(alpha, noise, -sigma, sample)
  }

  protected levelAt(index: number): Level {
    return this.flow ? levelOfFlowSigma(this.sigmas[index]) : levelOfSigma(this.sigmas[index])
  }

  /**
   * The predicted x0 at this step. A velocity is scaled by the level as it is listed: for a flow that is its sigma, and the
   * reference does the same where a config asks for flow prediction without flow sigmas.
   */
  protected cleanAt(index: number, type: FlowPredictionType, sample: Float32Array, output: Float32Array): Float32Array {
    if (type === 'flow_prediction') return combine2(1, sample, -this.sigmas[index], output)
    return cleanOf(type, this.levelAt(index), sample, output)
  }

  protected start(timesteps: Float64Array, sigmas: Iterable<number>): void {
    const levels = Float32Array.from(sigmas)
    this.startOver(timesteps.map(Math.trunc), levels)
    this.sigmas = levels
  }

  /** The reference takes the last step for a timestep that it does not find. */
  protected override indexOfUnknownTimestep(): number {
    return this.timesteps.length - 1
  }
}

/** s' = shift s / (1 + (shift - 1) s) over equal steps of the flow's time, without the last level. */
export function flowSigmas(shift: number, trainSteps: number, steps: number): Float64Array {
  const falling = linspace(1, 1 / trainSteps, steps + 1).map(alpha => 1 - alpha)
  return falling
    .map(s => staticShift(shift, s))
    .reverse()
    .subarray(0, steps)
}
