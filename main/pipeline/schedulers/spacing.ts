/**
 * Which of the T training steps a run of N steps visits, from the noisiest down. The samplers of diffusers do this in three
 * ways that differ by rounding and by one point; Lin et al. 2024 (arXiv 2305.08891), table 2, names the spacings.
 */
import { invalidInput } from '#contract/parse'
import { arange, linspace, roundHalfEven, toFloat32 } from './numbers.ts'

export const TIMESTEP_SPACINGS = ['linspace', 'leading', 'trailing'] as const
export type TimestepSpacing = (typeof TIMESTEP_SPACINGS)[number]

export interface Spacing {
  trainSteps: number
  steps: number
  spacing: TimestepSpacing
  offset: number
}

/** DDPM, DDIM, PNDM: whole steps, both ends included by `linspace`. */
export function wholeTimesteps(request: Spacing): Float64Array {
  checkSteps(request.steps, request.trainSteps)
  const timesteps = visitedWhole(request)
  checkInTraining(timesteps, request.trainSteps)
  return timesteps
}

function visitedWhole({ trainSteps, steps, spacing, offset }: Spacing): Float64Array {
  switch (spacing) {
    case 'linspace':
      return linspace(0, trainSteps - 1, steps)
        .map(roundHalfEven)
        .reverse()
    case 'leading':
      return leadingTimesteps(steps, Math.floor(trainSteps / steps), offset)
    case 'trailing':
      return trailingTimesteps(trainSteps, trainSteps / steps)
  }
}

/**
 * Euler, Heun, LMS, KDPM2: float32; `linspace` keeps the fractions, and the model is asked at them. A timestep that
 * "leading" and an offset put behind the training (1000 steps and 1) has the noise level of the last one.
 */
export function fractionalTimesteps(request: Spacing): Float64Array {
  const { trainSteps, steps, spacing } = request
  checkSteps(steps, trainSteps)
  return spacing === 'linspace' ? toFloat32(linspace(0, trainSteps - 1, steps)).reverse() : visitedWhole(request)
}

/** DPM++, UniPC, DEIS, SA-Solver: N + 1 points without the last; `last` is T or less where the smallest lambda is clipped. */
export function multistepTimesteps({ trainSteps, steps, spacing, offset }: Spacing, last = trainSteps): Float64Array {
  checkSteps(steps, spacing === 'leading' ? last - 1 : last)
  switch (spacing) {
    case 'linspace':
      return linspace(0, last - 1, steps + 1)
        .map(roundHalfEven)
        .reverse()
        .subarray(0, steps)
    case 'leading':
      return leadingTimesteps(steps + 1, Math.floor(last / (steps + 1)), offset).subarray(0, steps)
    case 'trailing':
      return trailingTimesteps(last, trainSteps / steps)
  }
}

function leadingTimesteps(count: number, ratio: number, offset: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => (count - 1 - i) * ratio + offset)
}

function trailingTimesteps(last: number, ratio: number): Float64Array {
  return arange(last, 0, -ratio).map(t => roundHalfEven(t) - 1)
}

export function checkSteps(steps: number, max: number): void {
  if (Number.isInteger(steps) && steps >= 1 && steps <= max) return
  const allowed = `a whole number from 1 to ${max}, the steps that the model was trained with`
  throw invalidInput([{ path: 'steps', value: String(steps), allowed }])
}

/** "leading" plus an offset can point behind the last training step, where no noise level exists. */
export function checkInTraining(timesteps: Float64Array, trainSteps: number): void {
  const beyond = timesteps.find(t => t >= trainSteps)
  if (beyond === undefined) return
  const allowed = `fewer steps: the first timestep would be ${beyond}, and training ended at ${trainSteps - 1}`
  throw invalidInput([{ path: 'steps', value: String(timesteps.length), allowed }])
}
