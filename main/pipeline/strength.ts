/**
 * Which part of a schedule runs where one model hands over to another: the start of it for the base model, the rest for the
 * refiner. Counted in model calls, so that order-2 samplers agree. (The part for a picture that is changed: contract/strength.ts.)
 */
import { roundHalfEven } from './schedulers/numbers.ts'

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
