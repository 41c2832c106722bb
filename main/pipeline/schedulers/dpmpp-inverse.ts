/**
 * DPM-Solver++ backwards in time: the multistep updates of dpmpp-multistep.ts over rising noise levels, from a picture's
 * latents to noise. Lu et al. 2022 (arXiv 2211.01095). Equals diffusers' DPMSolverMultistepInverseScheduler.
 *
 *   sigma_0 < sigma_1 < ... < sigma_N,   x_{i+1} = update(x_i) as in dpm-update.ts with h < 0
 */
import { scheduleFields, sigmaSpacingFields, spacingFields, thresholdFields } from './common-fields.ts'
import { choiceField, flagField, numberField, readConfig } from './config-fields.ts'
import { DPM_ALGORITHMS } from './dpm-update.ts'
import { DpmppMultistep } from './dpmpp-multistep.ts'
import { interpolate, linspace, roundHalfEven } from './numbers.ts'
import { FLOW_PREDICTION_TYPES } from './prediction.ts'
import type { SamplerOptions, SchedulerConfig, SetTimesteps } from './scheduler.ts'
import { checkScheduleRequest } from './set-timesteps.ts'
import { checkSteps, multistepTimesteps, type TimestepSpacing } from './spacing.ts'

const FIELDS = {
  ...scheduleFields(),
  ...spacingFields('linspace'),
  ...sigmaSpacingFields(),
  ...thresholdFields(),
  solver_order: numberField(2, { min: 1, max: 3, whole: true }),
  prediction_type: choiceField(FLOW_PREDICTION_TYPES, 'epsilon'),
  algorithm_type: choiceField([...DPM_ALGORITHMS, 'deis'], 'dpmsolver++'),
  solver_type: choiceField(['midpoint', 'heun', 'logrho', 'bh1', 'bh2'], 'midpoint'),
  lower_order_final: flagField(true),
  euler_at_final: flagField(false),
  use_flow_sigmas: flagField(false),
  flow_shift: numberField(1),
  lambda_min_clipped: numberField(-Infinity),
  variance_type: choiceField(['learned', 'learned_range'], null),
}

export class DpmppInverse extends DpmppMultistep {
  private readonly spacing: TimestepSpacing
  private readonly offset: number
  private readonly trainSteps: number

  constructor(config: SchedulerConfig, options: SamplerOptions = {}, className = 'DPMSolverMultistepInverseScheduler') {
    const values = readConfig(className, FIELDS, config)
    super({ ...values, final_sigmas_type: 'sigma_min' }, options, className, { roundsCosine: true, rises: true })
    this.spacing = values.timestep_spacing
    this.offset = values.steps_offset
    this.trainSteps = values.num_train_timesteps
  }

  override setTimesteps(request: SetTimesteps): void {
    checkScheduleRequest(request)
    const { trainSigmas, lastTimestep } = this.plan
    const { timesteps, sigmas, follows } = this.plan.levelsOf(request)
    if (follows === 'timesteps') {
      const rising = this.risingTimesteps(request.steps ?? 0)
      this.startRising(rising, [...rising.map(t => interpolate(trainSigmas, t)), trainSigmas[lastTimestep - 1]])
    } else {
      // Spaced levels rise; the reference leaves a flow's falling.
      this.startRising(timesteps, [...sigmas, sigmas[sigmas.length - 1]])
    }
  }

  private risingTimesteps(steps: number): Float64Array {
    const { lastTimestep: last } = this.plan
    checkSteps(steps, this.spacing === 'leading' ? last - 1 : last)
    const { trainSteps, spacing, offset } = this
    const makers: Record<TimestepSpacing, () => Float64Array> = {
      linspace: () =>
        linspace(0, last - 1, steps + 1)
          .map(roundHalfEven)
          .subarray(0, steps),
      leading: () => Float64Array.from({ length: steps }, (_, i) => i * Math.floor(last / (steps + 1)) + offset),
      trailing: () => multistepTimesteps({ trainSteps, steps, spacing, offset }, last).toReversed(),
    }
    return makers[spacing]()
  }

  /** Timesteps that rounding made equal are visited once; their levels stay. */
  private startRising(timesteps: Float64Array, sigmas: readonly number[]): void {
    this.start(Float64Array.from(new Set(timesteps)), sigmas)
  }
}
