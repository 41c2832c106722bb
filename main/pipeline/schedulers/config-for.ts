/**
 * The user's choice of sampler and noise spacing over a model's own scheduler config: one config for `createScheduler`.
 * The spacings are diffusers' (docs: api/schedulers/overview, "Noise schedules and schedule types").
 */
import { SIGMA_SCHEDULES_OF, type SchedulerId, type SigmaSchedule } from '#contract/generation'
import { invalidInput, showValue } from '#contract/parse'
import { samplerKind, samplersOfKind, type SamplerKind } from '#contract/samplers'
import { SAMPLER_VARIANTS, schedulerIdOfConfig } from './index.ts'
import type { SchedulerConfig } from './scheduler.ts'

const NO_SPACING = {
  use_karras_sigmas: false,
  use_exponential_sigmas: false,
  use_beta_sigmas: false,
  use_lu_lambdas: false,
}
const OVERRIDES: Readonly<Record<SigmaSchedule, SchedulerConfig>> = {
  model: {},
  karras: { ...NO_SPACING, use_karras_sigmas: true, sigma_schedule: 'karras' },
  exponential: {
    ...NO_SPACING,
    use_exponential_sigmas: true,
    timestep_spacing: 'linspace',
    sigma_schedule: 'exponential',
  },
  beta: { ...NO_SPACING, use_beta_sigmas: true, timestep_spacing: 'linspace' },
  lu: { ...NO_SPACING, use_lu_lambdas: true },
  simple: { ...NO_SPACING, timestep_spacing: 'trailing' },
  'sgm-uniform': { ...NO_SPACING, timestep_spacing: 'trailing' },
  trailing: { ...NO_SPACING, timestep_spacing: 'trailing' },
  leading: { ...NO_SPACING, timestep_spacing: 'leading' },
  linspace: { ...NO_SPACING, timestep_spacing: 'linspace' },
  'align-your-steps': NO_SPACING,
}

/** Fields whose words name a solver of their own class and mean nothing, or something else, in another. */
const SOLVER_FIELDS = ['algorithm_type', 'solver_type', 'solver_order'] as const

/**
 * Throws `invalid-input` where the sampler has no such spacing, or where it cannot sample this kind of model: one trained
 * to predict noise cannot be run as a flow, and the other way round.
 */
export function configFor(id: SchedulerId, sigmas: SigmaSchedule, config: SchedulerConfig): SchedulerConfig {
  const allowed = SIGMA_SCHEDULES_OF[id]
  if (!allowed.includes(sigmas)) {
    throw invalidInput([
      { path: 'sigmaSchedule', value: showValue(sigmas), allowed: `for ${id}: ${allowed.join(', ')}` },
    ])
  }
  if (config._class_name === undefined) return { ...SAMPLER_VARIANTS[id], ...config, ...OVERRIDES[sigmas] }
  const ofModel = schedulerIdOfConfig(config)
  if (ofModel === id) return { ...config, ...OVERRIDES[sigmas] }
  checkKinds(id, kindOf(ofModel, config))
  return { ...withoutSolver(config), ...SAMPLER_VARIANTS[id], ...OVERRIDES[sigmas] }
}

function withoutSolver(config: SchedulerConfig): SchedulerConfig {
  return Object.fromEntries(Object.entries(config).filter(([key]) => !SOLVER_FIELDS.some(field => field === key)))
}

function kindOf(id: SchedulerId, config: SchedulerConfig): SamplerKind {
  return config.prediction_type === 'flow_prediction' ? 'flow' : samplerKind(id)
}

function checkKinds(id: SchedulerId, trained: SamplerKind): void {
  if (samplerKind(id) === trained) return
  const allowed = `a sampler for models of the kind "${trained}": ${samplersOfKind(trained).join(', ')}`
  throw invalidInput([{ path: 'scheduler', value: showValue(id), allowed }])
}
