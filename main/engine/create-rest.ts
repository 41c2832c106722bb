/**
 * When the engine lets its event loop run between two steps. The runtime itself turns the loop once a run, though only after
 * a cancel was looked for, so that what comes in during a step is heard behind the next one: too late where steps are slow.
 * A turn of its own costs 0.05 ms, which is nothing there and a third of a percent of a step of 15 ms.
 */
import { nextTurn } from '#pipeline/denoise'

/** A person hears no delay of two such steps. */
const QUICK_STEP_MS = 40

/** To be asked after every step; resolves at once behind a quick one. */
export function createRest(now: () => number, turn: () => Promise<void> = nextTurn): () => Promise<void> {
  let lastAt = now()
  return async () => {
    const stepMs = now() - lastAt
    if (stepMs >= QUICK_STEP_MS) await turn()
    lastAt = now()
  }
}
