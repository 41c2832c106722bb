/** How far a job is: engine events in, progress out. Pure; time left is the median step times the steps that are left. */
import type { EngineEvent } from '#engine/engine'
import type { JobProgress } from '#contract/jobs'

export interface Progress {
  shown: JobProgress
  /** Durations of the steps measured so far, in milliseconds. */
  stepMs: readonly number[]
}

export function startProgress(image: number, steps: number): Progress {
  return { shown: { phase: 'starting', image, step: 0, steps, secondsLeft: null }, stepMs: [] }
}

/** `imagesAfter` is how many images are still to come behind the one in work. Events that say nothing of progress change nothing. */
export function advance(progress: Progress, event: EngineEvent, imagesAfter: number): Progress {
  if (event.type === 'phase') {
    const isSameImage = event.image === progress.shown.image
    const step = isSameImage ? progress.shown.step : 0
    return { ...progress, shown: { ...progress.shown, phase: event.phase, image: event.image, step } }
  }
  if (event.type !== 'step') return progress
  const { image, step, steps } = event
  const stepMs = [...progress.stepMs, event.stepMs]
  const stepsLeft = steps - step + imagesAfter * steps
  const secondsLeft = (median(stepMs) * stepsLeft) / 1000
  return { stepMs, shown: { phase: 'denoising', image, step, steps, secondsLeft } }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
