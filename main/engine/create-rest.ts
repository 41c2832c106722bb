/**
 * When the engine lets its event loop run between two steps. A turn costs 0.05 ms, which is nothing beside a step of a
 * second and a third of a percent of one of 15 ms; the runtime itself turns the loop once a run, after a cancel was looked for.
 */
import { nextTurn } from '#pipeline/denoise'

/** A person hears no delay below this. */
const LONGEST_WAIT_MS = 40

/** Resolves at once unless the last turn is too long ago. */
export function createRest(now: () => number, turn: () => Promise<void> = nextTurn): () => Promise<void> {
  let lastAt = now()
  return async () => {
    if (now() - lastAt < LONGEST_WAIT_MS) return
    await turn()
    lastAt = now()
  }
}
