/**
 * What all samplers have in common: the list of model calls, where the run stands, and state that can be saved. The index
 * of the first step is searched by its timestep unless a begin index was set, as in diffusers.
 */
import { AppError } from '#contract/errors'
import { invalidInput, showValue } from '#contract/parse'
import { decodeMemory, encodeMemory, type Memory } from './memory.ts'
import type { Scheduler, SchedulerState, SetTimesteps, StepInput, StepOutput } from './scheduler.ts'

export abstract class Sampler<M extends Memory = Memory> implements Scheduler {
  readonly order: 1 | 2 = 1
  timesteps: Float64Array = new Float64Array()
  sigmas: Float32Array | null = null
  protected readonly className: string
  protected memory: M

  constructor(className: string) {
    this.className = className
    this.memory = this.freshMemory()
  }

  get initNoiseSigma(): number {
    return 1
  }

  abstract setTimesteps(request: SetTimesteps): void
  abstract step(input: StepInput): StepOutput
  abstract addNoise(original: Float32Array, noise: Float32Array, timestep: number): Float32Array
  abstract getVelocity(sample: Float32Array, noise: Float32Array, timestep: number): Float32Array
  /** Called by the constructor too: it may not look at fields of the subclass. */
  protected abstract freshMemory(): M

  setBeginIndex(index: number): void {
    if (!Number.isInteger(index) || index < 0 || index >= this.timesteps.length) {
      const allowed = `a whole number from 0 to ${this.timesteps.length - 1}`
      throw invalidInput([{ path: 'beginIndex', value: String(index), allowed }])
    }
    this.memory.beginIndex = index
  }

  scaleModelInput(sample: Float32Array, _timestep: number): Float32Array {
    return sample
  }

  saveState(): SchedulerState {
    return { sampler: this.className, calls: this.timesteps.length, memory: Object.fromEntries(this.encodedMemory()) }
  }

  restoreState(state: SchedulerState): void {
    const { sampler, calls, memory } = state
    if (
      sampler !== this.className ||
      calls !== this.timesteps.length ||
      typeof memory !== 'object' ||
      memory === null
    ) {
      const saved = `${showValue(sampler)} with ${showValue(calls)} model calls`
      const wanted = `${this.className} with ${this.timesteps.length}`
      throw new AppError(
        'storage-corrupt',
        `The saved sampler state belongs to another run: ${saved} instead of ${wanted}.`,
      )
    }
    const fresh = this.freshMemory()
    for (const name of Object.keys(fresh)) {
      if (!(name in memory)) throw new AppError('storage-corrupt', `The saved sampler state has no "${name}".`)
    }
    const decoded = Object.entries(memory).map(([name, value]) => [name, decodeMemory(value, name)])
    this.memory = { ...fresh, ...Object.fromEntries(decoded) } as M
  }

  protected startOver(timesteps: Float64Array, sigmas: Float32Array | null): void {
    this.timesteps = timesteps
    this.sigmas = sigmas
    this.memory = this.freshMemory()
  }

  /** The index of this call; looks the timestep up at the first call of a run. */
  protected currentIndex(timestep: number): number {
    const index = this.memory.stepIndex ?? this.memory.beginIndex ?? this.indexOfTimestep(timestep)
    if (index >= this.timesteps.length) {
      throw new AppError('internal', `${this.className} was asked for step ${index + 1} of ${this.timesteps.length}.`)
    }
    this.memory.stepIndex = index
    return index
  }

  /** addNoise of a run that starts in the middle uses the level of the step where it stands, whatever timestep is given. */
  protected noisingIndex(timestep: number): number {
    if (this.memory.beginIndex === null) return this.indexOfTimestep(timestep)
    return this.memory.stepIndex ?? this.memory.beginIndex
  }

  /** The second match where a timestep occurs twice: a run that starts in the middle may not skip a noise level. */
  protected indexOfTimestep(timestep: number): number {
    const first = this.timesteps.indexOf(timestep)
    if (first === -1) return this.indexOfUnknownTimestep(timestep)
    const second = this.timesteps.indexOf(timestep, first + 1)
    return second === -1 ? first : second
  }

  protected indexOfUnknownTimestep(timestep: number): number {
    throw new AppError('internal', `${this.className} has no timestep ${timestep} in its schedule.`)
  }

  private encodedMemory(): [string, unknown][] {
    return Object.entries(this.memory).map(([name, value]) => [name, encodeMemory(value)])
  }
}

/** Noise for one step, in diffusers' order; a sampler that needs it cannot run without. */
export function drawNoise({ noise, sample, batch = 1 }: StepInput): Float32Array {
  if (noise === undefined) throw new AppError('internal', 'This sampler draws noise, and no noise source was given.')
  return noise.normal([batch, sample.length / batch])
}
