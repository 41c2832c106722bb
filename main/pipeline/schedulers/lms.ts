/**
 * Linear multistep (Adams-Bashforth with uneven steps): the last slopes d_k = (x - x0) / sigma, up to four, are weighted by
 * the integrals of their Lagrange polynomials over the step.
 *
 *   x' = x + sum_k c_k d_k,  c_k = integral from sigma_i to sigma_{i+1} of prod_{j != k} (s - sigma_{i-j}) / (sigma_{i-k} - sigma_{i-j}) ds
 *
 * After k-diffusion's LMS. Equals diffusers' LMSDiscreteScheduler, which integrates numerically to 1e-4; here a Gauss rule
 * that is exact for these polynomials (the two agree to 3e-7).
 */
import { noiseScheduleOf, scheduleFields, sigmaSpacingFields, sigmaSpacingOf, spacingFields } from './common-fields.ts'
import { choiceField, numberField, readConfig, readOptions, type Values } from './config-fields.ts'
import { addScaled, derivativeOf, scaled } from './kernels.ts'
import type { Memory } from './memory.ts'
import { toFloat32 } from './numbers.ts'
import { cleanOfScaled, PREDICTION_TYPES } from './prediction.ts'
import type { SamplerOptions, SchedulerConfig, SetTimesteps, StepInput, StepOutput } from './scheduler.ts'
import { checkScheduleRequest } from './set-timesteps.ts'
import { planOf, SigmaSampler, withLast } from './sigma-sampler.ts'

const FIELDS = {
  ...scheduleFields(),
  ...spacingFields('linspace'),
  ...sigmaSpacingFields(),
  prediction_type: choiceField(PREDICTION_TYPES, 'epsilon'),
}
const OPTIONS = { order: numberField(4, { min: 1, max: 8, whole: true }) }

/** Gauss-Legendre with 4 points on [-1, 1]: exact up to degree 7 (DLMF 3.5(v)). */
const NODES = [-0.8611363115940526, -0.3399810435848563, 0.3399810435848563, 0.8611363115940526]
const WEIGHTS = [0.3478548451374538, 0.6521451548625461, 0.6521451548625461, 0.3478548451374538]

interface LmsMemory extends Memory {
  /** The newest last. */
  slopes: Float32Array[]
}

export class Lms extends SigmaSampler<LmsMemory> {
  private readonly config: Values<typeof FIELDS>
  private readonly options: Values<typeof OPTIONS>

  constructor(config: SchedulerConfig, options: SamplerOptions = {}, className = 'LMSDiscreteScheduler') {
    const values = readConfig(className, FIELDS, config)
    const { alphasCumprod } = noiseScheduleOf(className, values)
    super(className, alphasCumprod, planOf(values, sigmaSpacingOf(className, values)))
    this.config = values
    this.options = readOptions(OPTIONS, options)
  }

  setTimesteps(request: SetTimesteps): void {
    checkScheduleRequest(request)
    const { timesteps, sigmas } = this.levelsOf(request)
    this.start(toFloat32(timesteps), withLast(sigmas, 0))
  }

  step({ output, sample, timestep }: StepInput): StepOutput {
    const index = this.currentIndex(timestep)
    const sigma = this.sigmas[index]
    const denoised = cleanOfScaled(this.config.prediction_type, sigma, sigma, sample, output)
    const slopes = [...this.memory.slopes, derivativeOf(sample, denoised, sigma)].slice(-this.options.order)
    // The order follows the position in the schedule even where a run began in the middle and knows fewer slopes.
    const order = Math.min(index + 1, this.options.order)
    const newestFirst = slopes.toReversed().slice(0, order)
    const change = newestFirst.reduce<Float32Array | null>((sum, slope, k) => {
      const weight = Math.fround(coefficient(this.sigmas, index, order, k))
      return sum === null ? scaled(weight, slope) : addScaled(sum, weight, slope)
    }, null)
    this.memory.slopes = slopes
    this.memory.stepIndex = index + 1
    return { sample: change === null ? sample.slice() : addScaled(change, 1, sample), denoised }
  }

  protected freshMemory(): LmsMemory {
    return { stepIndex: null, beginIndex: null, slopes: [] }
  }
}

/** Integral of the k-th Lagrange polynomial of the last `order` levels over the step. */
function coefficient(sigmas: Float32Array, index: number, order: number, k: number): number {
  const middle = (sigmas[index + 1] + sigmas[index]) / 2
  const half = (sigmas[index + 1] - sigmas[index]) / 2
  let integral = 0
  for (let n = 0; n < NODES.length; n++) {
    let product = WEIGHTS[n]
    for (let j = 0; j < order; j++) {
      if (j === k) continue
      product *= (middle + half * NODES[n] - sigmas[index - j]) / (sigmas[index - k] - sigmas[index - j])
    }
    integral += product
  }
  return integral * half
}
