/**
 * The numeric tests of diffusers' own scheduler test-suite, as records (format: test/fixtures/golden/README.md): their
 * deterministic samples and their dummy model, and the procedures that they put a scheduler through.
 */
import { z } from 'zod'
import type { NormalSource } from '#pipeline/random/normal-source'
import { TorchCpuGenerator } from '#pipeline/random/torch-cpu'
import { createSchedulerOfClass } from '#pipeline/schedulers/index'
import type { Scheduler } from '#pipeline/schedulers/scheduler'
import { elementCount } from '#pipeline/tensor'
import { parityCase, type Comparison, type ParityCase, type Tolerance } from './comparison.ts'
import { absoluteSum, decodeFloat32 } from './toy-values.ts'

const { fround } = Math
const tolerance = z.union([z.number(), z.string()]).nullable()

export const schedulerCaseSchema = z.object({
  id: z.string(),
  scheduler: z.string(),
  config: z.record(z.string(), z.unknown()),
  num_inference_steps: z.number().nullable(),
  custom_timesteps: z.array(z.number()).nullable(),
  custom_sigmas: z.array(z.number()).nullable(),
  procedure: z.string(),
  sample_shape: z.array(z.number()),
  initial_sample: z.string(),
  scale_model_input_mode: z.enum(['none', 'identity', 'replace', 'separate']),
  step_kwargs: z.record(z.string(), z.unknown()),
  t_start: z.number().optional(),
  timesteps_slice_start: z.number().optional(),
  timesteps: z.array(z.number()).nullable(),
  sigmas: z.array(z.number()).nullable(),
  expected_abs_sum: z.number().nullable(),
  expected_abs_mean: z.number().nullable(),
  tol_sum: tolerance,
  tol_mean: tolerance,
  actual_first8: z.array(z.number()),
  actual_last8: z.array(z.number()),
  rng: z.object({ noise_f32_base64: z.array(z.string()).optional() }).optional(),
})
type Case = z.infer<typeof schedulerCaseSchema>

/** Of the largest recorded value: float32 chains through up to 1000 steps. */
const RECORDED = 2e-5
const SCHEDULE = { relative: 1e-5, absolute: 1e-9 }

export function schedulerCase(record: Case): ParityCase {
  return parityCase(record.id, comparison => {
    const sample = PROCEDURES[procedureOf(record)](record, comparison)
    const sum = absoluteSum(sample)
    if (record.expected_abs_sum !== null)
      comparison.close('sum of |x|', record.expected_abs_sum, sum, parseTolerance(record.tol_sum))
    if (record.expected_abs_mean !== null)
      comparison.close('mean of |x|', record.expected_abs_mean, sum / sample.length, parseTolerance(record.tol_mean))
    const absolute = RECORDED * Math.max(...[...record.actual_first8, ...record.actual_last8].map(Math.abs), 1)
    comparison.close('first 8', record.actual_first8, sample.slice(0, 8), { absolute })
    comparison.close('last 8', record.actual_last8, sample.slice(-8), { absolute })
  })
}

/** A number is absolute; "np.isclose(rtol=1e-5,atol=1e-8)" says what it is. */
function parseTolerance(text: number | string | null): Tolerance {
  if (typeof text === 'number') return { absolute: text }
  const [relative, absolute] = ['rtol', 'atol'].map(name => new RegExp(`${name}=([\\d.e+-]+)`).exec(text ?? '')?.[1])
  if (relative === undefined || absolute === undefined)
    throw new Error(`the tolerance ${String(text)} is not understood`)
  return { relative: Number(relative), absolute: Number(absolute) }
}

type Procedure = (record: Case, comparison: Comparison) => Float32Array

const PROCEDURES = {
  full_loop: (record, comparison) => loop(prepare(record, comparison)),

  full_loop_with_noise(record, comparison) {
    const run = prepare(record, comparison)
    const begin = (record.timesteps_slice_start ?? record.t_start ?? 0) * run.scheduler.order
    const timesteps = run.scheduler.timesteps.subarray(begin)
    const noise = dummySample(record.sample_shape, true)
    return loop({ ...run, timesteps, sample: run.scheduler.addNoise(run.sample, noise, timesteps[0]) })
  },

  partial_loop_from_index(record, comparison) {
    const run = prepare(record, comparison)
    const begin = (record.t_start ?? 0) * run.scheduler.order
    return loop({ ...run, timesteps: run.scheduler.timesteps.subarray(begin) })
  },

  // The sampler's own list of calls has both parts.
  pndm_prk_then_plms: (record, comparison) => loop(prepare(record, comparison)),

  full_loop_without_set_timesteps: (record, comparison) => loop(prepare(record, comparison)),

  // The test asks its model at levels of the training, not of the run; each level has a corrector's and a predictor's call.
  score_sde_ve_pred_correct(record) {
    const scheduler = createSchedulerOfClass(record.scheduler, record.config, record.step_kwargs)
    scheduler.setTimesteps({ steps: record.num_inference_steps ?? 0 })
    const noise = suppliedNoise((record.rng?.noise_f32_base64 ?? []).map(decodeFloat32))
    const calls = scheduler.timesteps.length / (record.num_inference_steps ?? 1)
    let sample = dummySample(record.sample_shape, false)
    scheduler.timesteps.forEach((timestep, call) => {
      const output = dummyModel(sample, record.sigmas?.[Math.floor(call / calls)] ?? NaN)
      sample = scheduler.step({ output, timestep, sample, noise, batch: record.sample_shape[0] }).sample
    })
    return sample
  },

  full_loop_twice_reset_step_index(record, comparison) {
    const run = prepare(record, comparison)
    const sample = loop(run)
    const state = run.scheduler.saveState()
    run.scheduler.restoreState({ ...state, memory: { ...Object(state.memory), stepIndex: null } })
    return loop({ ...run, sample })
  },

  batch_step_no_noise(record) {
    const [rows, ...tail] = record.sample_shape
    const part = dummySample([rows / 3, ...tail], false)
    const shifts = [0, fround(0.1), -fround(0.1)]
    const silence = suppliedNoise(shifts.map(() => new Float32Array(part.length)))
    const parts = shifts.map((shift, timestep) => {
      const sample = part.map(x => x + shift)
      const scheduler = createSchedulerOfClass(record.scheduler, record.config, record.step_kwargs)
      const { num_inference_steps: steps } = record
      scheduler.setTimesteps(steps === null ? { timesteps: allTimesteps(record) } : { steps })
      return scheduler.step({ output: dummyModel(sample, timestep), timestep, sample, noise: silence }).sample
    })
    return Float32Array.from(parts.flatMap(values => [...values]))
  },
} satisfies Record<string, Procedure>

function procedureOf({ procedure }: Case): keyof typeof PROCEDURES {
  if (procedure in PROCEDURES) return procedure as keyof typeof PROCEDURES
  // Loops that differ only in what the samplers here find out themselves, such as unCLIP's previous timestep.
  if (procedure.startsWith('full_loop')) return 'full_loop'
  throw new Error(`the procedure "${procedure}" is not known`)
}

interface Run {
  record: Case
  scheduler: Scheduler
  timesteps: Float64Array
  sample: Float32Array
  noise: NormalSource
}

function prepare(record: Case, comparison: Comparison): Run {
  const scheduler = createSchedulerOfClass(record.scheduler, record.config, record.step_kwargs)
  const { num_inference_steps: steps, custom_timesteps, custom_sigmas } = record
  if (custom_timesteps !== null) scheduler.setTimesteps({ timesteps: custom_timesteps })
  else if (custom_sigmas !== null) scheduler.setTimesteps({ sigmas: custom_sigmas })
  else if (steps !== null) scheduler.setTimesteps({ steps })
  else scheduler.setTimesteps({ timesteps: allTimesteps(record) })
  if (record.timesteps !== null && steps !== null)
    comparison.close('timesteps', record.timesteps, scheduler.timesteps, SCHEDULE)
  if (record.sigmas !== null) comparison.close('sigmas', record.sigmas, scheduler.sigmas ?? [], SCHEDULE)

  const sample = dummySample(record.sample_shape, false)
  const sigma = record.initial_sample.includes('init_noise_sigma') ? fround(scheduler.initNoiseSigma) : 1
  const recorded = record.rng?.noise_f32_base64
  const noise = recorded ? suppliedNoise(recorded.map(decodeFloat32)) : new TorchCpuGenerator(0)
  return { record, scheduler, timesteps: scheduler.timesteps, sample: sample.map(x => x * sigma), noise }
}

function loop({ record, scheduler, timesteps, sample, noise }: Run): Float32Array {
  const mode = record.scale_model_input_mode
  let x = sample
  for (const timestep of timesteps) {
    const scaled = mode === 'none' ? x : scheduler.scaleModelInput(x, timestep)
    if (mode === 'replace' || mode === 'identity') x = scaled
    const output = dummyModel(scaled, timestep)
    x = scheduler.step({ output, timestep, sample: x, noise, batch: record.sample_shape[0] }).sample
  }
  return x
}

/** T - 1 ... 0: a scheduler whose timesteps were never set visits every training step. */
function allTimesteps({ config }: Case): number[] {
  const count = Number(config.num_train_timesteps)
  return Array.from({ length: count }, (_, i) => count - 1 - i)
}

/** v = arange(n) / n in the shape [..., b], the last axis moved to the front; `reversed` counts down. */
function dummySample(shape: readonly number[], reversed: boolean): Float32Array {
  const count = elementCount(shape)
  const rows = shape[0]
  const size = count / rows
  return Float32Array.from({ length: count }, (_, i) => {
    const index = (i % size) * rows + Math.floor(i / size)
    return (reversed ? count - 1 - index : index) / count
  })
}

/** sample * t / (t + 1), from left to right. */
function dummyModel(sample: Float32Array, timestep: number): Float32Array {
  const t = fround(timestep)
  const divisor = fround(t + 1)
  return sample.map(x => fround(x * t) / divisor)
}

function suppliedNoise(arrays: readonly Float32Array[]): NormalSource {
  let drawn = 0
  return {
    normal() {
      if (drawn >= arrays.length) throw new Error(`more than the ${arrays.length} recorded noises were drawn`)
      return arrays[drawn++]
    },
    saveState: () => ({ drawn }),
    restoreState: state => void (drawn = Number(state.drawn)),
  }
}
