/**
 * Which part of a schedule runs: the end of it for a picture that is changed (strength), the start of it for a model that
 * hands over to a refiner, and the rest for that refiner. Counted in model calls, so that order-2 samplers agree.
 */
import { roundHalfEven } from './schedulers/numbers.ts'

/** SD 1, 2 and XL run floor(steps x strength) steps; SD 3 and FLUX ceil(steps x strength), for most numbers one more. */
export type StrengthRounding = 'down' | 'up'

/** Index of the first step that runs; `steps` itself when none does. */
export function firstStepOf(steps: number, strength: number, rounding: StrengthRounding): number {
  const wanted = Math.min(steps * strength, steps)
  const skipped = steps - (rounding === 'down' ? Math.floor(wanted) : wanted)
  return Math.floor(Math.max(skipped, 0))
}

/** The train step at which the base model stops when it does `fraction` of the way. */
export function handoverTimestep(fraction: number, trainSteps: number): number {
  return roundHalfEven(trainSteps - fraction * trainSteps)
}

/** Number of calls that the base model makes: those at the handover and above. */
export function callsBeforeHandover(timesteps: ArrayLike<number>, handover: number): number {
  return Array.from(timesteps).filter(t => t >= handover).length
}

/** Index of the refiner's first call. A sampler of order 2 starts at the first call of a pair, which comes at an odd count from the end. */
export function firstCallAfterHandover(timesteps: ArrayLike<number>, handover: number, order: 1 | 2): number {
  const below = timesteps.length - callsBeforeHandover(timesteps, handover)
  const calls = order === 2 && below % 2 === 0 ? below + 1 : below
  return timesteps.length - calls
}
