/**
 * Classifier-free guidance: away from what the negative prompt predicts, towards the prompt.
 *   e = e_n + g (e_p - e_n)                                    Ho and Salimans 2022, arXiv 2207.12598
 *   rescaled: phi e std(e_p) / std(e) + (1 - phi) e            Lin et al. 2024, arXiv 2305.08891, section 3.4
 *   only in an interval of the steps, unguided outside of it   Kynkaanniemi et al. 2024, arXiv 2404.07724
 * float32 throughout, in diffusers' order (`rescale_noise_cfg`; batch order negative, positive).
 */
import { invalidInput } from '#contract/parse'
import {
  checkFraction,
  checkScale,
  isGuided,
  scaleAt,
  type Guidance,
  type ScaleSchedule,
  type Side,
  type StepPosition,
} from './guidance.ts'

const { fround, sqrt } = Math

export interface ClassifierFreeOptions {
  scale: ScaleSchedule
  /** phi; 0 is off. */
  rescale: number
  /** Fractions of the steps: guided from floor(start n) on and before floor(end n). { start: 0, end: 1 } is all of them. */
  interval: { start: number; end: number }
}

const BOTH: readonly Side[] = ['negative', 'positive']
const PROMPT_ALONE: readonly Side[] = ['positive']

export function createClassifierFreeGuidance({ scale, rescale, interval }: ClassifierFreeOptions): Guidance {
  checkScale('guidance', scale)
  checkFraction('guidanceRescale', rescale)
  checkFraction('guidanceInterval.start', interval.start)
  checkFraction('guidanceInterval.end', interval.end)
  if (interval.start > interval.end) {
    const allowed = `a number from 0 to guidanceInterval.end (${interval.end})`
    throw invalidInput([{ path: 'guidanceInterval.start', value: String(interval.start), allowed }])
  }
  const isInside = ({ index, count }: StepPosition) =>
    index >= Math.floor(interval.start * count) && index < Math.floor(interval.end * count)

  return {
    sidesAt: position => (isInside(position) && isGuided(scaleAt(scale, position)) ? BOTH : PROMPT_ALONE),
    combine(predictions, position, batch) {
      if (predictions.length === 1) return predictions[0]
      const [negative, positive] = predictions
      const guided = guide(negative, positive, scaleAt(scale, position))
      return rescale === 0 ? guided : rescaleGuided(guided, positive, rescale, batch)
    },
  }
}

/** e_n + g (e_p - e_n) */
export function guide(negative: Float32Array, positive: Float32Array, scale: number): Float32Array {
  const g = fround(scale)
  const guided = new Float32Array(negative.length)
  for (let i = 0; i < guided.length; i++) guided[i] = negative[i] + fround(g * fround(positive[i] - negative[i]))
  return guided
}

/** phi e std(e_p) / std(e) + (1 - phi) e, with the deviations of one picture at a time. */
export function rescaleGuided(guided: Float32Array, positive: Float32Array, phi: number, batch: number): Float32Array {
  const size = guided.length / batch
  const [rescaledShare, guidedShare] = [fround(phi), fround(1 - phi)]
  const result = new Float32Array(guided.length)
  for (let start = 0; start < guided.length; start += size) {
    const ratio = fround(deviation(positive, start, size) / deviation(guided, start, size))
    for (let i = start; i < start + size; i++) {
      result[i] = fround(rescaledShare * fround(guided[i] * ratio)) + fround(guidedShare * guided[i])
    }
  }
  return result
}

/** The unbiased one (n - 1), as torch.std. */
function deviation(values: Float32Array, start: number, size: number): number {
  let sum = 0
  for (let i = start; i < start + size; i++) sum += values[i]
  const mean = sum / size
  let squares = 0
  for (let i = start; i < start + size; i++) squares += (values[i] - mean) ** 2
  return fround(sqrt(squares / (size - 1)))
}
