/**
 * Pseudo numerical methods for diffusion models: the transfer of DDIM under a slope e that is averaged over several calls,
 * by four Runge-Kutta steps at the start (PRK, 12 calls) and then Adams-Bashforth of up to four terms (PLMS). Stable Diffusion
 * leaves PRK out; its second call then repeats the second timestep and restarts from the first sample.
 *
 *   x_prev = sqrt(abar_prev / abar) x - (abar_prev - abar) e / (abar sqrt(1 - abar_prev) + sqrt(abar (1 - abar) abar_prev))
 *
 * Liu et al. 2022 (arXiv 2202.09778), equations 9, 12 and 13. Equals diffusers' PNDMScheduler.
 */
import { invalidInput } from '#contract/parse'
import { adamsBashforth } from './adams-bashforth.ts'
import { AlphaSampler } from './alpha-sampler.ts'
import { noiseScheduleOf, scheduleFields, spacingFields } from './common-fields.ts'
import { choiceField, flagField, readConfig, readOptions, type Values } from './config-fields.ts'
import { addScaled, combine2, scaled } from './kernels.ts'
import type { Memory } from './memory.ts'
import { levelOfAlphaCumprod } from './prediction.ts'
import type { SamplerOptions, SchedulerConfig, SetTimesteps, StepInput, StepOutput } from './scheduler.ts'
import { checkScheduleRequest } from './set-timesteps.ts'
import { wholeTimesteps } from './spacing.ts'

const FIELDS = {
  ...scheduleFields(),
  ...spacingFields('leading'),
  skip_prk_steps: flagField(false),
  set_alpha_to_one: flagField(false),
  prediction_type: choiceField(['epsilon', 'v_prediction'], 'epsilon'),
}
/** Runge-Kutta weights of the four calls of a PRK step. */
const PRK_WEIGHTS = [1 / 6, 1 / 3, 1 / 3, 1 / 6].map(Math.fround)
const PRK_STEPS = 4
const { fround, sqrt } = Math

interface PndmMemory extends Memory {
  calls: number
  /** Model outputs at the steps' beginnings, the newest last. */
  slopes: Float32Array[]
  /** Where the PRK step began, or what PLMS restarts from. */
  start: Float32Array | null
  /** Weighted sum within a PRK step. */
  sum: Float32Array | null
}

export class Pndm extends AlphaSampler<PndmMemory> {
  private readonly config: Values<typeof FIELDS>
  private stride = 0
  private prkCalls = 0

  constructor(config: SchedulerConfig, options: SamplerOptions = {}, className = 'PNDMScheduler') {
    const values = readConfig(className, FIELDS, config)
    super(className, noiseScheduleOf(className, values).alphasCumprod, values.set_alpha_to_one)
    readOptions({}, options)
    this.config = values
  }

  setTimesteps(request: SetTimesteps): void {
    checkScheduleRequest(request)
    const { steps = 0 } = request
    const { num_train_timesteps: trainSteps, timestep_spacing: spacing, steps_offset: offset } = this.config
    const visited = wholeTimesteps({ trainSteps, steps, spacing, offset })
    this.stride = Math.floor(trainSteps / steps)
    const prk = this.config.skip_prk_steps ? [] : this.prkTimesteps(visited)
    this.prkCalls = prk.length
    const plms = this.config.skip_prk_steps ? restarted(visited) : visited.subarray(PRK_STEPS - 1)
    this.startOver(Float64Array.from([...prk, ...plms]), null)
  }

  step({ output, timestep, sample }: StepInput): StepOutput {
    const { calls } = this.memory
    const next =
      calls < this.prkCalls ? this.prkStep(output, timestep, sample) : this.plmsStep(output, timestep, sample)
    this.memory.calls = calls + 1
    return { sample: next, denoised: null }
  }

  protected freshMemory(): PndmMemory {
    return { stepIndex: null, beginIndex: null, calls: 0, slopes: [], start: null, sum: null }
  }

  /** Each of the first steps at its beginning, twice at its middle, and at its end. */
  private prkTimesteps(visited: Float64Array): number[] {
    if (visited.length < PRK_STEPS) {
      const allowed = `at least ${PRK_STEPS}, because the config has skip_prk_steps = false`
      throw invalidInput([{ path: 'steps', value: String(visited.length), allowed }])
    }
    const half = Math.floor(this.stride / 2)
    const points = [...visited.subarray(0, PRK_STEPS)].flatMap(t => [t + half, t]).slice(1)
    return points.flatMap(t => [t, t]).slice(1, -1)
  }

  private prkStep(output: Float32Array, timestep: number, sample: Float32Array): Float32Array {
    const { calls } = this.memory
    const phase = calls % PRK_WEIGHTS.length
    const previous = timestep - (calls % 2 === 1 ? 0 : Math.floor(this.stride / 2))
    const begin = this.timesteps[calls - phase]
    if (phase === 0) {
      this.memory.slopes = [...this.memory.slopes, output.slice()]
      this.memory.start = sample.slice()
    }
    const weighted = scaled(PRK_WEIGHTS[phase], output)
    const sum = this.memory.sum === null ? weighted : addScaled(this.memory.sum.slice(), 1, weighted)
    const isLast = phase === PRK_WEIGHTS.length - 1
    this.memory.sum = isLast ? null : sum
    return this.transfer(this.memory.start ?? sample, begin, previous, isLast ? sum : output)
  }

  private plmsStep(output: Float32Array, timestep: number, sample: Float32Array): Float32Array {
    const { calls, start } = this.memory
    if (calls === 1) {
      // The second call looks at where the first one led and takes that first step again with the mean slope.
      const [first] = this.memory.slopes
      const mean = scaled(0.5, combine2(1, output, 1, first))
      this.memory.start = null
      return this.transfer(start ?? sample, timestep + this.stride, timestep, mean)
    }
    const slopes = [...this.memory.slopes.slice(-3), output.slice()]
    this.memory.slopes = slopes
    if (calls === 0) this.memory.start = sample.slice()
    return this.transfer(sample, timestep, timestep - this.stride, adamsBashforth(slopes.toReversed()))
  }

  private transfer(
    sample: Float32Array,
    timestep: number,
    previousTimestep: number,
    slope: Float32Array,
  ): Float32Array {
    const alphaCumprod = this.alphaCumprodAt(timestep)
    const previous = this.previousAlphaCumprod(previousTimestep)
    const { alpha, sigma } = levelOfAlphaCumprod(alphaCumprod)
    const epsilon = this.config.prediction_type === 'epsilon' ? slope : combine2(alpha, slope, sigma, sample)
    const product = fround(fround(alphaCumprod * fround(1 - alphaCumprod)) * previous)
    const denominator = fround(fround(alphaCumprod * fround(sqrt(fround(1 - previous)))) + fround(sqrt(product)))
    const factor = fround(sqrt(fround(previous / alphaCumprod)))
    const difference = fround(previous - alphaCumprod)
    const out = new Float32Array(sample.length)
    for (let i = 0; i < out.length; i++) {
      out[i] = fround(factor * sample[i]) - fround(fround(difference * epsilon[i]) / denominator)
    }
    return out
  }
}

/** The second timestep twice: N + 1 calls for N steps. */
function restarted(visited: Float64Array): number[] {
  return visited.length === 1 ? [...visited] : [visited[0], visited[1], ...visited.subarray(1)]
}
