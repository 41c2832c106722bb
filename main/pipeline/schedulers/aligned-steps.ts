/**
 * Align Your Steps: timesteps that were optimised for a model family, for few steps. Ten steps are the published table;
 * other numbers are read off it at equal distances, linearly in log sigma, as its authors say.
 * Sabour et al. 2024 (arXiv 2404.14507), section 4 and appendix B; the tables are also diffusers' AysSchedules.
 */
import { invalidInput } from '#contract/parse'
import { createNoiseSchedule, trainingSigmas } from '../noise-schedule.ts'
import { interpolate } from './numbers.ts'
import type { Scheduler, SchedulerState, SetTimesteps, StepInput, StepOutput } from './scheduler.ts'
import { logOf, timestepOfSigma } from './sigma-schedules.ts'

export const ALIGNED_TIMESTEPS = {
  sd: [999, 850, 736, 645, 545, 455, 343, 233, 124, 24],
  sdxl: [999, 845, 730, 587, 443, 310, 193, 116, 53, 13],
} as const
export type AlignedTable = keyof typeof ALIGNED_TIMESTEPS

/** The noise schedule of both families. */
const TRAINING = { steps: 1000, betaStart: 0.00085, betaEnd: 0.012, schedule: 'scaled_linear' } as const

/** Falling whole timesteps; throws `invalid-input` where so many steps would make two of them equal. */
export function alignedTimesteps(table: AlignedTable, steps: number): readonly number[] {
  const published = ALIGNED_TIMESTEPS[table]
  if (steps === published.length) return published
  const { alphasCumprod } = createNoiseSchedule({ ...TRAINING, trainedBetas: null, zeroTerminalSnr: false })
  const sigmas = logOf(trainingSigmas(alphasCumprod))
  const knots = Float32Array.from([...published, 0], t => sigmas[t])
  const timesteps: number[] = []
  for (let i = 0; i < steps; i++) {
    const sigma = Math.exp(interpolate(knots, (i * published.length) / steps))
    timesteps.push(Math.min(Math.round(timestepOfSigma(sigma, sigmas)), (timesteps[i - 1] ?? Infinity) - 1))
  }
  if (timesteps[steps - 1] >= 0) return timesteps
  throw invalidInput([
    { path: 'steps', value: String(steps), allowed: 'fewer steps for the align-your-steps schedule' },
  ])
}

/** The same sampler, but a number of steps means those of the table. */
export class AlignedSteps implements Scheduler {
  private readonly inner: Scheduler
  private readonly table: AlignedTable

  constructor(inner: Scheduler, table: AlignedTable) {
    this.inner = inner
    this.table = table
  }

  get order(): 1 | 2 {
    return this.inner.order
  }
  get timesteps(): Float64Array {
    return this.inner.timesteps
  }
  get sigmas(): Float32Array | null {
    return this.inner.sigmas
  }
  get initNoiseSigma(): number {
    return this.inner.initNoiseSigma
  }
  setTimesteps({ steps, ...others }: SetTimesteps): void {
    const timesteps = steps === undefined ? {} : { timesteps: alignedTimesteps(this.table, steps) }
    this.inner.setTimesteps({ ...others, ...timesteps })
  }
  setBeginIndex(index: number): void {
    this.inner.setBeginIndex(index)
  }
  scaleModelInput(sample: Float32Array, timestep: number): Float32Array {
    return this.inner.scaleModelInput(sample, timestep)
  }
  step(input: StepInput): StepOutput {
    return this.inner.step(input)
  }
  addNoise(original: Float32Array, noise: Float32Array, timestep: number): Float32Array {
    return this.inner.addNoise(original, noise, timestep)
  }
  getVelocity(sample: Float32Array, noise: Float32Array, timestep: number): Float32Array {
    return this.inner.getVelocity(sample, noise, timestep)
  }
  saveState(): SchedulerState {
    return this.inner.saveState()
  }
  restoreState(state: SchedulerState): void {
    this.inner.restoreState(state)
  }
}
