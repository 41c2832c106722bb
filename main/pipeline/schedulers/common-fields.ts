/** Config fields that many diffusers classes share, and what they build: the noise schedule, the sigma spacing, the prediction. */
import { createNoiseSchedule, type BetaSchedule, type NoiseSchedule } from '../noise-schedule.ts'
import { choiceField, configError, flagField, numberField, numbersField } from './config-fields.ts'
import type { SigmaSpacing } from './sigma-schedules.ts'
import { TIMESTEP_SPACINGS, type TimestepSpacing } from './spacing.ts'

/** The schedules that every class with betas knows. */
export const USUAL_BETA_SCHEDULES = ['linear', 'scaled_linear', 'squaredcos_cap_v2'] as const satisfies BetaSchedule[]

export interface ScheduleDefaults {
  betaStart?: number
  betaEnd?: number
  schedule?: BetaSchedule
  schedules?: readonly BetaSchedule[]
}

const MAX_TRAIN_STEPS = 100_000

export function scheduleFields(defaults: ScheduleDefaults = {}) {
  const { betaStart = 0.0001, betaEnd = 0.02, schedule = 'linear', schedules = USUAL_BETA_SCHEDULES } = defaults
  return {
    num_train_timesteps: numberField(1000, { min: 1, max: MAX_TRAIN_STEPS, whole: true }),
    beta_start: numberField(betaStart, { min: 0, max: 1 }),
    beta_end: numberField(betaEnd, { min: 0, max: 1 }),
    beta_schedule: choiceField(schedules, schedule),
    trained_betas: numbersField(null, { min: 0, max: 1 }),
  }
}

export interface ScheduleConfig {
  num_train_timesteps: number
  beta_start: number
  beta_end: number
  beta_schedule: BetaSchedule
  trained_betas: readonly number[] | null
  rescale_betas_zero_snr?: boolean
}

export function noiseScheduleOf(className: string, config: ScheduleConfig): NoiseSchedule {
  const { trained_betas: trainedBetas, num_train_timesteps: steps } = config
  if (trainedBetas !== null && trainedBetas.length !== steps) {
    throw configError(
      className,
      'trained_betas',
      `${trainedBetas.length} values`,
      `${steps} values (num_train_timesteps)`,
    )
  }
  return createNoiseSchedule({
    steps,
    betaStart: config.beta_start,
    betaEnd: config.beta_end,
    schedule: config.beta_schedule,
    trainedBetas,
    zeroTerminalSnr: config.rescale_betas_zero_snr ?? false,
  })
}

/** Where the last level has no signal, samplers that divide by it use this smallest abar instead (sigma 4096). */
const NEARLY_ZERO_ALPHA_CUMPROD = 2 ** -24

/** abar of samplers that work with sigmas. */
export function alphasCumprodForSigmas(className: string, config: ScheduleConfig): Float32Array {
  const { alphasCumprod } = noiseScheduleOf(className, config)
  if (config.rescale_betas_zero_snr === true) alphasCumprod[alphasCumprod.length - 1] = NEARLY_ZERO_ALPHA_CUMPROD
  return alphasCumprod
}

export function spacingFields<const S extends TimestepSpacing>(fallback: S) {
  return {
    timestep_spacing: choiceField(TIMESTEP_SPACINGS, fallback),
    steps_offset: numberField(0, { min: 0, max: MAX_TRAIN_STEPS, whole: true }),
  }
}

export function sigmaSpacingFields() {
  return {
    use_karras_sigmas: flagField(false),
    use_exponential_sigmas: flagField(false),
    use_beta_sigmas: flagField(false),
  }
}

export interface SigmaSpacingConfig {
  use_karras_sigmas: boolean
  use_exponential_sigmas: boolean
  use_beta_sigmas: boolean
}

/** The one that is switched on; null follows the timesteps. */
export function sigmaSpacingOf(className: string, config: SigmaSpacingConfig): SigmaSpacing | null {
  const chosen: SigmaSpacing[] = []
  if (config.use_karras_sigmas) chosen.push('karras')
  if (config.use_exponential_sigmas) chosen.push('exponential')
  if (config.use_beta_sigmas) chosen.push('beta')
  if (chosen.length > 1) {
    const allowed = 'only one of use_karras_sigmas, use_exponential_sigmas, use_beta_sigmas'
    throw configError(className, `use_${chosen[1]}_sigmas`, true, allowed)
  }
  return chosen[0] ?? null
}

export function thresholdFields() {
  return {
    thresholding: flagField(false),
    dynamic_thresholding_ratio: numberField(0.995, { min: 0, max: 1 }),
    sample_max_value: numberField(1),
  }
}
