/**
 * The contract of guidance: which predictions a step needs, and how they become the one that goes into the sampler. It
 * never calls the model: whether the sides run as rows of one batch or one after the other is the caller's business, and
 * the result is the same but for rounding.
 */
import { invalidInput, showValue } from '#contract/parse'

/** What a prediction is made from: the prompt; the negative prompt; the negative prompt without the picture to edit. */
export type Side = 'positive' | 'negative' | 'negative-without-image'

/** Which step of how many, from 0. */
export interface StepPosition {
  index: number
  count: number
}

export interface Guidance {
  /** The sides needed at this step, in the order of diffusers' batch. */
  sidesAt(position: StepPosition): readonly Side[]
  /** One prediction a side, each [batch, ...] flattened; returns the guided one, a new array or the only one itself. */
  combine(predictions: readonly Float32Array[], position: StepPosition, batch: number): Float32Array
}

/** A guidance scale: the same for all steps, or one number a step. */
export type ScaleSchedule = number | readonly number[]

/** Scales of 1 and below mean no guidance: the second side would cost as much as the first and say nothing. */
export function isGuided(scale: number): boolean {
  return scale > 1
}

export function scaleAt(schedule: ScaleSchedule, { index, count }: StepPosition): number {
  if (typeof schedule === 'number') return schedule
  if (schedule.length !== count) {
    throw invalidInput([
      {
        path: 'guidance',
        value: `a list of ${schedule.length}`,
        allowed: `a number, or one for each of ${count} steps`,
      },
    ])
  }
  return schedule[index]
}

export function checkScale(path: string, schedule: ScaleSchedule): void {
  const scales = typeof schedule === 'number' ? [schedule] : schedule
  const wrong = scales.find(scale => !Number.isFinite(scale) || scale < 0)
  if (wrong !== undefined) throw invalidInput([{ path, value: showValue(wrong), allowed: 'a number from 0' }])
}

export function checkFraction(path: string, value: number): void {
  if (value >= 0 && value <= 1) return
  throw invalidInput([{ path, value: showValue(value), allowed: 'a number from 0 to 1' }])
}
