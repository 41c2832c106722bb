/** How much of a schedule runs for a picture that is changed: strength 1 runs all of it. Used before a job is queued and when it runs. */
import type { ModelFamily } from './model-verdict.ts'

/** SD 1, 2 and XL run floor(steps x strength) steps; SD 3 and FLUX ceil(steps x strength), for most numbers one more. */
export type StrengthRounding = 'down' | 'up'

export function strengthRoundingOf(family: ModelFamily | null): StrengthRounding {
  return family === 'sd3' || family === 'flux' ? 'up' : 'down'
}

/** Index of the first step that runs; `steps` itself when none does. */
export function firstStepOf(steps: number, strength: number, rounding: StrengthRounding): number {
  const wanted = Math.min(steps * strength, steps)
  const skipped = steps - (rounding === 'down' ? Math.floor(wanted) : wanted)
  return Math.floor(Math.max(skipped, 0))
}

/** What has to be asked for so that a step runs. */
export function describeLeastStrength(steps: number): string {
  return `at least ${Math.ceil((1 / steps) * 100) / 100} with ${steps} steps`
}
