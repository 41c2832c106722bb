/** Where a run stands between two calls of the network: all that is needed to go on there, also in another process. */
import type { NormalSource } from './random/normal-source.ts'
import type { Scheduler, SchedulerState } from './schedulers/scheduler.ts'

export interface Checkpoint {
  /** The last call that was made, by index into `scheduler.timesteps`. */
  index: number
  latents: Float32Array
  scheduler: SchedulerState
  noise: Readonly<Record<string, unknown>>
}

export function takeCheckpoint(
  { index, latents }: Pick<Checkpoint, 'index' | 'latents'>,
  scheduler: Scheduler,
  noise: NormalSource,
): Checkpoint {
  return { index, latents, scheduler: scheduler.saveState(), noise: noise.saveState() }
}

/** After everything that a run draws before its first call was drawn; the next call. Throws `storage-corrupt` for another run's. */
export function restoreCheckpoint(checkpoint: Checkpoint, scheduler: Scheduler, noise: NormalSource): number {
  scheduler.restoreState(checkpoint.scheduler)
  noise.restoreState(checkpoint.noise)
  return checkpoint.index + 1
}
