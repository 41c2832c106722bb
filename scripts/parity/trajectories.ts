/**
 * Runs one record of a trajectory file (format: test/fixtures/golden/README.md): the toy model and the toy noises of that
 * page, the sampler of the record's class with its config, every step compared with what diffusers gave.
 */
import type { NormalSource } from '#pipeline/random/normal-source'
import { createSchedulerOfClass } from '#pipeline/schedulers/index'
import type { Scheduler, SetTimesteps } from '#pipeline/schedulers/scheduler'
import type { CaseResult } from './comparison.ts'
import { decodeFloat32 } from './toy-values.ts'

interface TrajectoryStep {
  t: number
  /** The first and the last three values. */
  x: number[]
  abs_sum: number
  noise_k?: number[]
}

export interface TrajectoryRecord {
  id: string
  scheduler: string
  config: Readonly<Record<string, unknown>>
  set_timesteps_kwargs: Readonly<Record<string, unknown>>
  step_kwargs: Readonly<Record<string, unknown>>
  order: number
  timesteps: number[]
  sigmas: number[] | null
  init_noise_sigma: number
  img2img?: { t_start: number; timesteps: number[]; noise_index: number; after_add_noise: number[] }
  steps: TrajectoryStep[]
  final_f32_base64?: string
  final_max_abs?: number
  suggested_atol?: number
}

const SIZE = 256
const SCHEDULE_TOLERANCE = 1e-5
const RECORDED_STEP_TOLERANCE = 1e-5
const EDM_TIME_SCALE = 1.5
const TIME_SCALE = 1000

export function runTrajectoryCase(record: TrajectoryRecord): CaseResult {
  const comparison = new Comparison(record.id)
  try {
    runSteps(record, comparison)
  } catch (error) {
    comparison.fail('the run', 'a trajectory', error instanceof Error ? error.message : String(error))
  }
  return comparison.result
}

/** diffusers' keyword arguments of `set_timesteps` -> Easel's schedule request; a list decides where a number stands beside it. */
export function toScheduleRequest(kwargs: Readonly<Record<string, unknown>>): SetTimesteps {
  const { num_inference_steps: count, original_inference_steps: originalSteps, ...others } = kwargs
  const steps = (others.sigmas ?? others.timesteps ?? null) === null ? count : null
  const given = Object.entries({ ...others, steps, originalSteps }).filter(([, value]) => (value ?? null) !== null)
  return Object.fromEntries(given)
}

function runSteps(record: TrajectoryRecord, comparison: Comparison): void {
  const scheduler = createSchedulerOfClass(record.scheduler, record.config, record.step_kwargs)
  scheduler.setTimesteps(toScheduleRequest(record.set_timesteps_kwargs))
  const exact = SCHEDULE_TOLERANCE
  comparison.lists('timesteps', record.timesteps, scheduler.timesteps, exact)
  if (record.sigmas !== null) comparison.lists('sigmas', record.sigmas, scheduler.sigmas ?? [], exact)
  comparison.lists('initNoiseSigma', [record.init_noise_sigma], [scheduler.initNoiseSigma], exact)
  if (comparison.failed) return

  const atol = record.suggested_atol ?? 0
  const noise = new ToyNoise()
  let sample = startingSample(record, scheduler, comparison)
  const timesteps = scheduler.timesteps.subarray((record.img2img?.t_start ?? 0) * record.order)
  const timeScale = record.scheduler.startsWith('EDM') ? EDM_TIME_SCALE : TIME_SCALE
  for (const [i, expected] of record.steps.entries()) {
    const output = toyModel(scheduler.scaleModelInput(sample, timesteps[i]), timesteps[i] / timeScale)
    const drawnBefore = noise.drawn
    sample = scheduler.step({ output, timestep: timesteps[i], sample, noise }).sample
    comparison.step(i, expected, sample, atol)
    const drawn = Array.from({ length: noise.drawn - drawnBefore }, (_, k) => drawnBefore + k)
    if (expected.noise_k !== undefined) comparison.lists(`noises drawn at step ${i}`, expected.noise_k, drawn, 0)
  }
  if (record.final_f32_base64 !== undefined)
    comparison.arrays('final', decodeFloat32(record.final_f32_base64), sample, atol)
}

function startingSample(record: TrajectoryRecord, scheduler: Scheduler, comparison: Comparison): Float32Array {
  const { img2img } = record
  if (img2img === undefined) {
    const sigma = Math.fround(scheduler.initNoiseSigma)
    return Float32Array.from({ length: SIZE }, (_, i) => Math.fround((((i * 37) % 101) - 50) / 25) * sigma)
  }
  const begin = img2img.t_start * record.order
  scheduler.setBeginIndex(begin)
  const image = Float32Array.from({ length: SIZE }, (_, i) => (((i * 29) % 83) - 41) / 41)
  const noisy = scheduler.addNoise(image, toyNoise(img2img.noise_index), scheduler.timesteps[begin])
  comparison.arrays('after addNoise', img2img.after_add_noise, firstAndLastThree(noisy), 1e-5 * maxAbs(noisy))
  return noisy
}

/** fround(x a) + fround(pattern b) with a and b from the time. */
function toyModel(input: Float32Array, time: number): Float32Array {
  const a = Math.fround(0.3 + 0.5 * time * time)
  const b = Math.fround(0.2 * (1 - time))
  return input.map((x, i) => Math.fround(x * a) + Math.fround(Math.fround(((i % 7) - 3) / 7) * b))
}

function toyNoise(k: number): Float32Array {
  return Float32Array.from({ length: SIZE }, (_, i) => (((i * 53 + k * 17) % 97) - 48) / 28)
}

class ToyNoise implements NormalSource {
  drawn = 0
  normal(): Float32Array {
    return toyNoise(this.drawn++)
  }
  saveState() {
    return { drawn: this.drawn }
  }
  restoreState(state: Readonly<Record<string, unknown>>): void {
    this.drawn = Number(state.drawn)
  }
}

/** Keeps the first failure, or else the largest error in units of its tolerance. */
class Comparison {
  result: CaseResult
  private worstShare = -1

  constructor(id: string) {
    this.result = { id, passed: true, worstError: 0, tolerance: 0, where: '', expected: '', actual: '' }
  }

  get failed(): boolean {
    return !this.result.passed
  }

  fail(where: string, expected: string, actual: string): void {
    if (this.failed) return
    this.result = { ...this.result, passed: false, worstError: Infinity, where, expected, actual }
  }

  /** Relative tolerance, entry by entry. */
  lists(where: string, expected: ArrayLike<number>, actual: ArrayLike<number>, rtol: number): void {
    if (expected.length !== actual.length) {
      this.fail(where, `${expected.length} values: ${show(expected)}`, `${actual.length} values: ${show(actual)}`)
      return
    }
    for (let i = 0; i < expected.length; i++) {
      const wrong = !(Math.abs(expected[i] - actual[i]) <= rtol * Math.abs(expected[i]))
      if (wrong) this.fail(`${where}[${i}]`, String(expected[i]), String(actual[i]))
    }
  }

  arrays(where: string, expected: ArrayLike<number>, actual: ArrayLike<number>, atol: number): void {
    if (expected.length !== actual.length) this.fail(where, `${expected.length} values`, `${actual.length} values`)
    for (let i = 0; i < expected.length; i++) this.note(`${where}[${i}]`, expected[i], actual[i], atol)
  }

  /** A record keeps 9 digits of its steps, and a sample may be larger on its way than at its end. */
  step(index: number, expected: TrajectoryStep, sample: Float32Array, atol: number): void {
    const tolerance = Math.max(atol, RECORDED_STEP_TOLERANCE * maxAbs(sample))
    this.arrays(`step ${index}`, expected.x, firstAndLastThree(sample), tolerance)
    const sum = sample.reduce((total, x) => total + Math.abs(x), 0)
    this.note(`sum of step ${index}`, expected.abs_sum, sum, tolerance * sample.length)
  }

  private note(where: string, expected: number, actual: number, tolerance: number): void {
    const error = Math.abs(expected - actual)
    const passed = error <= tolerance || (Number.isNaN(expected) && Number.isNaN(actual))
    if (this.failed) return
    const share = passed ? error / Math.max(tolerance, Number.MIN_VALUE) : Infinity
    if (!(share > this.worstShare)) return
    this.worstShare = share
    const shown = { where, expected: String(expected), actual: String(actual) }
    this.result = { ...this.result, ...shown, passed, worstError: error, tolerance }
  }
}

function firstAndLastThree(x: Float32Array): number[] {
  return [...x.subarray(0, 3), ...x.subarray(-3)]
}

function maxAbs(x: Float32Array): number {
  return x.reduce((max, value) => Math.max(max, Math.abs(value)), 0)
}

function show(values: ArrayLike<number>): string {
  return `${Array.from(values).slice(0, 6).join(', ')}${values.length > 6 ? ', …' : ''}`
}
