/** An estimate as a sentence. Pure. */
import type { Estimate } from '#contract/estimate'
import { megabytes } from '#contract/memory'

const MINUTE = 60
const HOUR = 60 * MINUTE

export function describeEstimate({ seconds, peakBytes }: Estimate): string {
  if (seconds === null) return 'Not measured yet on this machine for this model, size and kind of work.'
  const memory = peakBytes === null ? '' : ` and ${megabytes(peakBytes)} MB of memory`
  return `About ${describeSeconds(seconds)}${memory}, by what was measured on this machine.`
}

function describeSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 2 * MINUTE) return `${Math.round(seconds)} s`
  if (seconds < 2 * HOUR) return `${Math.round(seconds / MINUTE)} min`
  return `${(seconds / HOUR).toFixed(1)} h`
}
