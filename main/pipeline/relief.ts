/**
 * What to do when memory runs out in the middle of a picture: go on with less at once, at the very call that failed, and
 * say so. The sampler has not moved yet when a call fails, so the numbers stay those of an untroubled run.
 */
import { AppError } from '#contract/errors'
import type { Denoiser } from './denoiser.ts'

/** Sentences for the user, in the order in which something was given up. */
export type Notify = (text: string) => void

export function isOutOfMemory(error: unknown): boolean {
  return error instanceof AppError && error.code === 'out-of-memory'
}

/** A denoiser that halves the rows of a run as long as memory does not suffice; a single row that fails is an error. */
export function relieveDenoiser(denoiser: Denoiser, notify: Notify): Denoiser {
  return {
    ...denoiser,
    async predict(sample, timestep, conditions) {
      for (let rows = sample.dims[0]; ; rows = Math.floor(rows / 2)) {
        try {
          return await denoiser.predict(sample, timestep, conditions)
        } catch (error) {
          if (!isOutOfMemory(error) || rows <= 1) throw error
          denoiser.limitRows(Math.floor(rows / 2))
          notify(
            'Memory ran short: the prompt and the negative prompt are computed one after the other, which takes longer.',
          )
        }
      }
    },
  }
}
