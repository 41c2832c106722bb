/** Adds up what an image takes while it is made, for estimates of the next ones. */
import type { ImageCost } from '#contract/estimate'
import type { PeakMemory } from './peak-memory.ts'

export interface CostMeter {
  /** A pass begins at this size, in pixels. */
  beginPass(size: { width: number; height: number }): void
  call(ms: number): void
  loaded(ms: number): void
  /** Of the image that took `durationMs` in all; counts anew for the next one. */
  take(): (durationMs: number) => ImageCost
}

export function createCostMeter(peak: PeakMemory): CostMeter {
  let passes: ImageCost['passes'] = []
  let loadMs: number | null = null
  peak.start()
  return {
    beginPass: ({ width, height }) => void passes.push({ width, height, calls: 0, ms: 0 }),
    call(ms) {
      const pass = passes.at(-1)
      if (pass === undefined) return
      pass.calls++
      pass.ms += ms
    },
    loaded: ms => void (loadMs = (loadMs ?? 0) + ms),
    take() {
      const taken = { passes: passes.filter(({ calls }) => calls > 0), loadMs, peakBytes: peak.bytes() }
      passes = []
      loadMs = null
      const counted = taken.passes.reduce((sum, { ms }) => sum + ms, taken.loadMs ?? 0)
      return durationMs => ({ ...taken, aroundMs: Math.max(0, durationMs - counted) })
    },
  }
}
