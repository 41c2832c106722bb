/**
 * Which levels the multistep solvers (DPM++, UniPC, DEIS, SA-Solver) visit: those of whole timesteps, or spaced anew over
 * the whole training range, or the flow's. Their classes differ in what comes last, which they append themselves.
 */
import { invalidInput, showValue } from '#contract/parse'
import { sigmaSpacingOf, type SigmaSpacingConfig } from './common-fields.ts'
import { flowSigmas } from './multistep-sampler.ts'
import { interpolate, linspace, roundHalfEven } from './numbers.ts'
import type { SetTimesteps } from './scheduler.ts'
import { logOf, spacedSigmas, timestepOfSigma, type SigmaRange, type SigmaSpacing } from './sigma-schedules.ts'
import { multistepTimesteps, type TimestepSpacing } from './spacing.ts'
import type { TimeShiftType } from './time-shift.ts'

export interface MultistepPlanConfig extends SigmaSpacingConfig {
  num_train_timesteps: number
  timestep_spacing: TimestepSpacing
  steps_offset: number
  beta_schedule: string
  use_flow_sigmas: boolean
  flow_shift: number
  use_dynamic_shifting: boolean
  time_shift_type?: TimeShiftType
  use_lu_lambdas?: boolean
}

export interface MultistepLevels {
  /** Not yet cut to whole numbers. */
  timesteps: Float64Array
  /** Without the last level. */
  sigmas: Float64Array
  follows: 'timesteps' | 'spacing' | 'flow'
}

export interface PlanOptions {
  /** The reference rounds Karras' and Lu's timesteps; DPM++ and SA-Solver not for the cosine schedule. */
  roundsCosine: boolean
  sigmaMin?: number | null
  sigmaMax?: number | null
  /** Spaced levels rise, for the samplers that go from a picture to noise. */
  rises?: boolean
  /** Training steps before this one only, where the smallest lambda is clipped. */
  lastTimestep?: number
}

export class MultistepPlan {
  readonly trainSigmas: Float32Array
  /** Training steps from this one on are never visited. */
  readonly lastTimestep: number
  private readonly config: MultistepPlanConfig
  private readonly sigmaSpacing: SigmaSpacing | 'lu' | null
  private readonly options: PlanOptions

  constructor(
    className: string,
    config: MultistepPlanConfig,
    trainSigmas: Float32Array,
    options: PlanOptions = { roundsCosine: true },
  ) {
    this.trainSigmas = trainSigmas
    this.config = config
    this.options = options
    this.lastTimestep = options.lastTimestep ?? config.num_train_timesteps
    const spacing = sigmaSpacingOf(className, config)
    // Karras comes before Lu, Lu before the others.
    this.sigmaSpacing = config.use_lu_lambdas === true && spacing !== 'karras' ? 'lu' : spacing
  }

  levelsOf(request: SetTimesteps): MultistepLevels {
    const shift = this.shiftOf(request.mu)
    const plain = this.visitedTimesteps(request)
    const steps = request.steps ?? plain.length
    if (this.sigmaSpacing !== null) return this.spaced(this.sigmaSpacing, steps)
    if (this.config.use_flow_sigmas) {
      const sigmas = flowSigmas(shift, this.config.num_train_timesteps, steps)
      return { sigmas, timesteps: sigmas.map(s => s * this.config.num_train_timesteps), follows: 'flow' }
    }
    return { timesteps: plain, sigmas: plain.map(t => interpolate(this.trainSigmas, t)), follows: 'timesteps' }
  }

  /** The flow shift in force. */
  shiftOf(mu?: number): number {
    if (mu === undefined) return this.config.flow_shift
    const { use_dynamic_shifting: dynamic, time_shift_type: type } = this.config
    if (dynamic && type !== 'linear') return Math.exp(mu)
    const reason = dynamic ? 'time_shift_type is linear' : 'use_dynamic_shifting is false'
    throw invalidInput([{ path: 'mu', value: String(mu), allowed: `nothing, because ${reason}` }])
  }

  private spaced(spacing: SigmaSpacing | 'lu', steps: number): MultistepLevels {
    const logs = logOf(this.trainSigmas)
    const last = logs.length - 1
    const sigmas =
      spacing === 'lu' ? linspace(logs[last], logs[0], steps).map(Math.exp) : spacedSigmas(spacing, this.range(), steps)
    const exact = sigmas.map(s => timestepOfSigma(s, logs))
    const rounds = this.options.roundsCosine || this.config.beta_schedule !== 'squaredcos_cap_v2'
    const whole = rounds && (spacing === 'karras' || spacing === 'lu')
    return { sigmas, timesteps: whole ? exact.map(roundHalfEven) : exact, follows: 'spacing' }
  }

  private range(): SigmaRange {
    const min = this.options.sigmaMin ?? this.trainSigmas[0]
    const max = this.options.sigmaMax ?? this.trainSigmas[this.trainSigmas.length - 1]
    return this.options.rises === true ? { min: max, max: min } : { min, max }
  }

  private visitedTimesteps({ timesteps, steps = 0 }: SetTimesteps): Float64Array {
    const { num_train_timesteps: trainSteps, timestep_spacing: spacing, steps_offset: offset } = this.config
    if (timesteps === undefined) return multistepTimesteps({ trainSteps, steps, spacing, offset }, this.lastTimestep)
    if (this.sigmaSpacing === null) return Float64Array.from(timesteps, Math.trunc)
    const allowed = `steps, because the sigmas are spaced by ${this.sigmaSpacing}`
    throw invalidInput([{ path: 'timesteps', value: showValue(timesteps), allowed }])
  }
}
