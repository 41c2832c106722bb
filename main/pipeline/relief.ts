/**
 * What to do when memory runs out in the middle of a picture: give something up, say so, and go on at the very call that
 * failed. The sampler has not moved yet when a call fails, so the numbers stay those of an untroubled run.
 */
import { createNotice, type Notice } from '#contract/notices'
import { AppError } from '#contract/errors'
import type { Denoiser } from './denoiser.ts'
import type { SessionRelief } from './session.ts'

/** Hears what was given up, in that order. */
export type Notify = (notice: Notice) => void

/** Gives something up and says what; null where there is nothing to give up (any more). */
export type Rung = () => Promise<Notice | null> | Notice | null

export function isOutOfMemory(error: unknown): boolean {
  return error instanceof AppError && error.code === 'out-of-memory'
}

/**
 * Repeats `attempt` as long as it fails for want of memory and a rung has something to give up; each is used up before the
 * next. `rungs` is asked once, at the first failure.
 */
export async function withRelief<T>(
  attempt: () => Promise<T>,
  rungs: () => readonly Rung[],
  notify: Notify,
): Promise<T> {
  let left: Rung[] | null = null
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (!isOutOfMemory(error)) throw error
      left ??= [...rungs()]
      const said = await giveUp(left)
      if (said === null) throw error
      notify(said)
    }
  }
}

async function giveUp(left: Rung[]): Promise<Notice | null> {
  for (let [rung] = left; rung !== undefined; [rung] = left) {
    const said = await rung()
    if (said !== null) return said
    left.shift()
  }
  return null
}

/** The rungs that any session has around what its own work can give up. */
export function rungsOf(relief: SessionRelief | null, own: readonly Rung[]): Rung[] {
  if (relief === null) return [...own]
  return [() => relief.makeRoom('idle'), ...own, () => relief.makeRoom('all'), () => relief.moveOn()]
}

const ROW_BY_ROW = createNotice('memory-row-by-row', {})

/** A denoiser that goes on with fewer rows a run, without the graphs that are not needed, on another provider. */
export function relieveDenoiser(denoiser: Denoiser, notify: Notify): Denoiser {
  const climb = <T>(rows: number, attempt: () => Promise<T>): Promise<T> => {
    if (rows > (denoiser.relievedRows() ?? Infinity)) notify(ROW_BY_ROW)
    const halve = () => {
      const most = Math.min(rows, denoiser.relievedRows() ?? rows)
      return denoiser.limitRows(Math.floor(most / 2)) ? ROW_BY_ROW : null
    }
    return withRelief(attempt, () => rungsOf(denoiser.relief, [halve]), notify)
  }
  return {
    ...denoiser,
    predict: (sample, ...rest) => climb(sample.dims[0], () => denoiser.predict(sample, ...rest)),
    predictAll: (sample, ...rest) => climb(sample.dims[0], () => denoiser.predictAll(sample, ...rest)),
  }
}
