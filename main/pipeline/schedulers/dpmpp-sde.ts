/**
 * DPM++ SDE: two ancestral steps of DPM-Solver++ a step, the first to the middle in log sigma, the second over the whole
 * step from its beginning with the prediction of the middle. Two model calls a step, except the last. Its noise is that of
 * one Brownian path over the noise levels (random/brownian-tree.ts), so that more steps refine the same picture.
 *
 *   x' = (sigma_down / sigma) x - (sigma_down / sigma - 1) x0 + sigma_up z,   sigma_up, sigma_down as in euler-ancestral.ts
 *
 * Lu et al. 2022 (arXiv 2211.01095) in the form of k-diffusion. Equals diffusers' DPMSolverSDEScheduler, which seeds its path
 * from torch's global generator where neither the config's `noise_sampler_seed` nor, here, the option `noise_seed` is set; in
 * its place the seed then comes from the image's own generator.
 */
import { BrownianTree } from '../random/brownian-tree.ts'
import { ancestralSplit } from './euler-ancestral.ts'
import { noiseScheduleOf, scheduleFields, sigmaSpacingFields, sigmaSpacingOf, spacingFields } from './common-fields.ts'
import { choiceField, numberField, readConfig, readOptions, type Values } from './config-fields.ts'
import { addScaled, combine2, divided, eulerStep, scaled } from './kernels.ts'
import type { Memory } from './memory.ts'
import { linspace } from './numbers.ts'
import { cleanOfScaled } from './prediction.ts'
import { drawNoise } from './sampler.ts'
import type { SamplerOptions, SchedulerConfig, SetTimesteps, StepInput, StepOutput } from './scheduler.ts'
import { checkScheduleRequest } from './set-timesteps.ts'
import { onceThenTwice, planOf, rootOfSquarePlusOne, SigmaSampler, withLast } from './sigma-sampler.ts'
import { checkSteps } from './spacing.ts'

const SEED = { min: 0, max: Number.MAX_SAFE_INTEGER, whole: true }
const FIELDS = {
  ...scheduleFields({ betaStart: 0.00085, betaEnd: 0.012 }),
  ...spacingFields('linspace'),
  ...sigmaSpacingFields(),
  prediction_type: choiceField(['epsilon', 'v_prediction'], 'epsilon'),
  noise_sampler_seed: numberField(null, SEED),
}
const OPTIONS = { s_noise: numberField(1, { min: 0 }), noise_seed: numberField(null, SEED) }
const { fround, log, exp, expm1 } = Math

interface SdeMemory extends Memory {
  /** Between the two calls of a step: where it began. */
  start: Float32Array | null
  /** Of the Brownian path; null until the first step. */
  pathSeed: number | null
}

export class DpmppSde extends SigmaSampler<SdeMemory> {
  override readonly order = 2
  private readonly config: Values<typeof FIELDS>
  private readonly options: Values<typeof OPTIONS>
  private path: { tree: BrownianTree; seed: number; length: number } | null = null

  constructor(config: SchedulerConfig, options: SamplerOptions = {}, className = 'DPMSolverSDEScheduler') {
    const values = readConfig(className, FIELDS, config)
    const { alphasCumprod } = noiseScheduleOf(className, values)
    super(className, alphasCumprod, planOf(values, sigmaSpacingOf(className, values)))
    this.config = values
    this.options = readOptions(OPTIONS, options)
  }

  setTimesteps(request: SetTimesteps): void {
    checkScheduleRequest(request)
    const { timesteps, sigmas } = this.levelsOf(request)
    const calls = onceThenTwice(timesteps)
    for (let i = 1; i < timesteps.length; i++) {
      const middle = exp(-((-log(sigmas[i - 1]) - log(sigmas[i])) / 2))
      calls[2 * i - 1] = this.timestepOfSigma(middle)
    }
    this.path = null
    this.start(calls, withLast(onceThenTwice(sigmas), 0))
  }

  override scaleModelInput(sample: Float32Array, timestep: number): Float32Array {
    const index = this.currentIndex(timestep)
    const sigma = this.memory.start === null ? this.sigmas[index] : this.middleOf(index - 1)
    return divided(sample, rootOfSquarePlusOne(sigma))
  }

  step(input: StepInput): StepOutput {
    const { output, sample, timestep } = input
    const index = this.currentIndex(timestep)
    const { start } = this.memory
    const from = start === null ? index : index - 1
    const sigma = this.sigmas[from]
    const next = this.sigmas[from + 1]
    const here = start === null ? sigma : this.middleOf(from)
    const denoised = cleanOfScaled(this.config.prediction_type, here, here, sample, output)
    this.memory.stepIndex = index + 1
    if (next === 0) return { sample: eulerStep(sample, denoised, sigma, fround(next - sigma)), denoised }
    this.memory.start = start === null ? sample.slice() : null
    const target = start === null ? this.middleOf(from) : expOf(-logOf(next))
    return { sample: this.ancestral(start ?? sample, denoised, sigma, target, input), denoised }
  }

  protected freshMemory(): SdeMemory {
    return { stepIndex: null, beginIndex: null, start: null, pathSeed: null }
  }

  /** In doubles, unlike the other samplers of this family. */
  protected override visitedTimesteps(request: SetTimesteps): Float64Array {
    const { trainSteps, spacing } = this.plan
    if (spacing !== 'linspace') return super.visitedTimesteps(request)
    const { steps = 0 } = request
    checkSteps(steps, trainSteps)
    return linspace(0, trainSteps - 1, steps).reverse()
  }

  /** The level halfway in log sigma of the step that begins at this call. */
  private middleOf(from: number): number {
    const t = -logOf(this.sigmas[from])
    const tNext = -logOf(this.sigmas[from + 1])
    return expOf(fround(t + fround(fround(tNext - t) * 0.5)))
  }

  private ancestral(
    from: Float32Array,
    clean: Float32Array,
    sigma: number,
    target: number,
    input: StepInput,
  ): Float32Array {
    const t = -logOf(sigma)
    const source = expOf(t)
    const split = ancestralSplit(source, target)
    const up = Math.min(target, split.up)
    const squared = fround(fround(target * target) - fround(up * up))
    const tDown = -logOf(fround(Math.sqrt(squared)))
    const change = fround(expm1(fround(t - tDown)))
    const noise = this.pathFor(input).noise(source, target)
    const next = combine2(fround(expOf(tDown) / source), from, -change, clean)
    return addScaled(next, up, scaled(fround(this.options.s_noise), noise))
  }

  private pathFor(input: StepInput): BrownianTree {
    const { length } = input.sample
    const seed =
      this.memory.pathSeed ?? this.config.noise_sampler_seed ?? this.options.noise_seed ?? seedFromGenerator(input)
    this.memory.pathSeed = seed
    if (this.path?.seed !== seed || this.path.length !== length) {
      const positive = this.sigmas.filter(s => s > 0)
      const tree = new BrownianTree({ seed, low: Math.min(...positive), high: Math.max(...positive), length })
      this.path = { tree, seed, length }
    }
    return this.path.tree
  }
}

/** The bits of the next normal number: as random as it, and the same for the same image. */
function seedFromGenerator(input: StepInput): number {
  const [word] = new Uint32Array(drawNoise(input).slice(0, 1).buffer)
  return word
}

/** exp(-t) in float32. */
function expOf(t: number): number {
  return fround(exp(-t))
}

function logOf(sigma: number): number {
  return fround(log(sigma))
}
