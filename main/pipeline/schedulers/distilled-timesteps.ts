/**
 * Timesteps of distilled models (LCM, TCD): N of those that the distillation used, evenly picked from the noisiest down.
 * Image to image keeps N steps and takes them from the first `strength` of the distillation's.
 */
import { invalidInput, showValue } from '#contract/parse'
import type { SetTimesteps } from './scheduler.ts'
import { checkInTraining, checkSteps } from './spacing.ts'

/** `originalSteps` null: every training step (TCD with an explicit number counts them so). */
export function distilledTimesteps(request: SetTimesteps, trainSteps: number, originalSteps: number): Float64Array {
  if (!(Number.isInteger(originalSteps) && originalSteps >= 1 && originalSteps <= trainSteps)) {
    const allowed = `a whole number from 1 to ${trainSteps}`
    throw invalidInput([{ path: 'originalSteps', value: showValue(originalSteps), allowed }])
  }
  const stride = Math.floor(trainSteps / originalSteps)
  const { timesteps, strength = 1 } = request
  const origin = Float64Array.from(
    { length: Math.trunc(originalSteps * checkStrength(strength)) },
    (_, i) => (i + 1) * stride - 1,
  )
  return timesteps === undefined ? picked(request, origin) : cutCustom(timesteps, trainSteps, strength)
}

/** N of `origin`, evenly, the last one first. */
export function picked({ steps = 0 }: SetTimesteps, origin: Float64Array): Float64Array {
  checkSteps(steps, origin.length)
  return Float64Array.from(
    { length: steps },
    (_, i) => origin[origin.length - 1 - Math.floor(i * (origin.length / steps))],
  )
}

/** The last part of a custom list, by strength. */
export function cutCustom(timesteps: readonly number[], trainSteps: number, strength: number): Float64Array {
  const kept = Math.min(Math.trunc(timesteps.length * strength), timesteps.length)
  const custom = Float64Array.from(timesteps.slice(timesteps.length - kept), Math.trunc)
  checkInTraining(custom, trainSteps)
  return custom
}

export function checkStrength(strength: number): number {
  if (strength >= 0 && strength <= 1) return strength
  throw invalidInput([{ path: 'strength', value: String(strength), allowed: 'a number from 0 to 1' }])
}
