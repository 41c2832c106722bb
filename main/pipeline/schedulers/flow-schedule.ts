/**
 * Noise levels of rectified flow, x = (1 - sigma) x0 + sigma eps, sigma falling from 1: equal steps of time, shifted towards
 * the noisy end, then stretched to a last level and spaced anew where the config says so.
 * Esser et al. 2024 (arXiv 2403.03206), section 5.3.2. The models see timesteps sigma T.
 */
import { invalidInput, showValue } from '#contract/parse'
import { sigmaSpacingFields, sigmaSpacingOf } from './common-fields.ts'
import { choiceField, flagField, numberField, type Values } from './config-fields.ts'
import { linspace } from './numbers.ts'
import type { SetTimesteps } from './scheduler.ts'
import { spacedSigmas, type SigmaSpacing } from './sigma-schedules.ts'
import { checkSteps } from './spacing.ts'
import { shiftOfTime, staticShift, stretchToTerminal, TIME_SHIFT_TYPES } from './time-shift.ts'

/** `base_shift` to `max_image_seq_len` say how `mu` follows from the picture's size (time-shift.ts). */
export const FLOW_FIELDS = {
  ...sigmaSpacingFields(),
  num_train_timesteps: numberField(1000, { min: 1, max: 100_000, whole: true }),
  shift: numberField(1, { min: 0 }),
  use_dynamic_shifting: flagField(false),
  base_shift: numberField(0.5),
  max_shift: numberField(1.15),
  base_image_seq_len: numberField(256, { min: 1, whole: true }),
  max_image_seq_len: numberField(4096, { min: 1, whole: true }),
  invert_sigmas: flagField(false),
  shift_terminal: numberField(null, { min: 0, max: 1 }),
  time_shift_type: choiceField(TIME_SHIFT_TYPES, 'exponential'),
}
export type FlowConfig = Values<typeof FLOW_FIELDS>

export interface FlowLevels {
  timesteps: Float64Array
  /** The last level appended. */
  sigmas: Float32Array
}

const { fround } = Math

export class FlowSchedule {
  private readonly config: FlowConfig
  private readonly sigmaSpacing: SigmaSpacing | null

  constructor(className: string, config: FlowConfig) {
    this.config = config
    this.sigmaSpacing = sigmaSpacingOf(className, config)
  }

  levelsOf(request: SetTimesteps): FlowLevels {
    const shifted = this.shifted(this.times(request), request.mu)
    const terminal = this.config.shift_terminal
    const stretched = terminal === null || terminal === 0 ? shifted : stretchToTerminal(shifted, terminal)
    if (!stretched.every(Number.isFinite)) throw nothingToStretch(terminal, request)
    const spaced = Float32Array.from(this.spaced(stretched))
    const { invert_sigmas: inverts, num_train_timesteps: trainSteps } = this.config
    const sigmas = inverts ? spaced.map(s => 1 - s) : spaced
    return {
      timesteps: Float64Array.from(sigmas, s => fround(s * trainSteps)),
      sigmas: Float32Array.from([...sigmas, inverts ? 1 : 0]),
    }
  }

  /** Times before the shift; a list that was asked for, or equal steps down to the smallest of training. */
  private times({ steps = 0, sigmas, timesteps }: SetTimesteps): Float64Array {
    const { num_train_timesteps: trainSteps, shift, use_dynamic_shifting: dynamic } = this.config
    if (sigmas !== undefined) return Float64Array.from(sigmas, fround)
    if (timesteps !== undefined) return Float64Array.from(timesteps, t => fround(fround(t) / trainSteps))
    checkSteps(steps, trainSteps)
    return flowTimes(trainSteps, dynamic ? 1 : shift, steps)
  }

  private shifted(times: Float64Array, mu: number | undefined): Float64Array {
    const { use_dynamic_shifting: dynamic, time_shift_type: type, shift } = this.config
    if (!dynamic) return times.map(t => staticShift(shift, t))
    if (mu !== undefined && Number.isFinite(mu)) return times.map(t => shiftOfTime(type, mu, t))
    const allowed = 'a number, because use_dynamic_shifting is true'
    throw invalidInput([{ path: 'mu', value: showValue(mu), allowed }])
  }

  private spaced(sigmas: Float64Array): Float64Array {
    if (this.sigmaSpacing === null) return sigmas
    return spacedSigmas(this.sigmaSpacing, { min: sigmas[sigmas.length - 1], max: sigmas[0] }, sigmas.length)
  }
}

/** Equal steps from 1 to the smallest level of training, which a static shift has moved already (it is shifted twice). */
export function flowTimes(trainSteps: number, shift: number, steps: number): Float64Array {
  const first = fround(1 / trainSteps)
  const denominator = fround(1 + fround(fround(shift - 1) * first))
  const smallest = fround(fround(fround(shift) * first) / denominator)
  return linspace(trainSteps, smallest * trainSteps, steps).map(t => t / trainSteps)
}

/** A schedule of one level ends where it begins. */
function nothingToStretch(terminal: number | null, { steps, sigmas, timesteps }: SetTimesteps): Error {
  const count = steps ?? (sigmas ?? timesteps ?? []).length
  const allowed = `at least 2: this model's schedule is stretched to end at ${terminal} (shift_terminal)`
  return invalidInput([{ path: 'steps', value: showValue(count), allowed }])
}
