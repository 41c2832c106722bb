import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppError } from '#contract/errors'
import { TorchCpuGenerator } from '#pipeline/random/torch-cpu'
import { createSchedulerOfClass } from '#pipeline/schedulers/index'
import type { SamplerOptions, Scheduler, SchedulerConfig } from '#pipeline/schedulers/scheduler'
import { STABLE_DIFFUSION } from '#test/gaussian-world'

/** Values to try of fields that decide what a sampler remembers; a class leaves out the fields that it lacks. */
const CONFIG = {
  timestep_spacing: ['leading', 'linspace', 'trailing'],
  prediction_type: ['epsilon', 'v_prediction'],
  solver_order: [1, 2, 3],
  predictor_order: [1, 2, 3],
  corrector_order: [1, 2, 3],
  lower_order_final: [true, false],
  predict_x0: [true, false],
  thresholding: [false, true],
  clip_sample: [false, true],
  skip_prk_steps: [true, false],
  set_alpha_to_one: [true, false],
  stochastic_sampling: [true, false],
  use_flow_sigmas: [false],
  final_sigmas_type: ['sigma_min', 'zero'],
}
const SIGMA_FLAGS = [
  {},
  { use_karras_sigmas: true },
  { use_exponential_sigmas: true },
  { use_beta_sigmas: true },
] as const

/** Fields and options whose values differ from class to class. */
const OWN: Record<string, { config?: Record<string, unknown[]>; options?: Record<string, unknown[]> }> = {
  DPMSolverMultistepScheduler: {
    config: {
      algorithm_type: ['dpmsolver++', 'dpmsolver', 'sde-dpmsolver++', 'sde-dpmsolver'],
      solver_type: ['midpoint', 'heun'],
      euler_at_final: [false, true],
    },
  },
  DPMSolverSinglestepScheduler: {
    config: { algorithm_type: ['dpmsolver++', 'dpmsolver', 'sde-dpmsolver++'], solver_type: ['midpoint', 'heun'] },
  },
  UniPCMultistepScheduler: { config: { solver_type: ['bh1', 'bh2'], disable_corrector: [[], [0], [1, 2]] } },
  SASolverScheduler: { config: { algorithm_type: ['data_prediction', 'noise_prediction'] } },
  UnCLIPScheduler: { config: { beta_schedule: ['squaredcos_cap_v2'], prediction_type: ['epsilon', 'sample'] } },
  DDPMScheduler: { config: { variance_type: ['fixed_small', 'fixed_large', 'fixed_small_log'] } },
  DDIMScheduler: { options: { eta: [0, 0.5, 1] } },
  TCDScheduler: { options: { eta: [0, 0.3] } },
  EulerDiscreteScheduler: { options: { s_churn: [0, 4] } },
}

interface Run {
  className: string
  config: SchedulerConfig
  options: SamplerOptions
  steps: number
  begin: number
  seed: number
}

const SIZE = 2 * 3 * 4

describe.each(knownClasses())('%s', className => {
  it('continues bit for bit after any step, order and schedule', () => {
    let tried = 0
    const property = fc.property(runOf(className), fc.nat(), (run, place) => {
      const whole = startOrRefuse(run)
      fc.pre(whole !== null)
      if (whole === null) return
      tried++
      const calls = whole.scheduler.timesteps.length
      const stop = 1 + (place % Math.max(calls - run.begin - 1, 1))
      const expected = walk(whole, run.begin, calls)

      const first = mustStart(run)
      walk(first, run.begin, Math.min(run.begin + stop, calls))
      const saved = JSON.stringify({
        sampler: first.scheduler.saveState(),
        noise: first.noise.saveState(),
        latents: Buffer.from(first.latents.slice().buffer).toString('base64'), // JSON has no NaN
      })

      const second = mustStart(run)
      const state = JSON.parse(saved) as { sampler: Saved; noise: Saved; latents: string }
      second.scheduler.restoreState(state.sampler)
      second.noise.restoreState(state.noise)
      second.latents = new Float32Array(Uint8Array.from(Buffer.from(state.latents, 'base64')).buffer)
      const rest = walk(second, run.begin + stop, calls)
      expect(rest).toEqual(expected.slice(expected.length - rest.length))
      expect(second.scheduler.saveState()).toEqual(whole.scheduler.saveState())
    })
    fc.assert(property, { numRuns: 40, maxSkipsPerRun: 200 })
    expect(tried).toBeGreaterThan(20)
  })
})

type Saved = Readonly<Record<string, unknown>>

interface Started {
  scheduler: Scheduler
  noise: TorchCpuGenerator
  latents: Float32Array
}

function runOf(className: string): fc.Arbitrary<Run> {
  const own = OWN[className] ?? {}
  const oneOfEach = (fields: Record<string, readonly unknown[]>) =>
    fc.record(Object.fromEntries(Object.entries(fields).map(([name, values]) => [name, fc.constantFrom(...values)])))
  return fc
    .record({
      fields: oneOfEach({ ...CONFIG, ...own.config }),
      flags: fc.constantFrom(...SIGMA_FLAGS),
      options: oneOfEach(own.options ?? {}),
      steps: fc.integer({ min: 1, max: 12 }),
      begin: fc.constantFrom(0, 0, 2),
      seed: fc.nat(),
    })
    .map(({ fields, flags, ...rest }) => ({ className, config: { ...STABLE_DIFFUSION, ...fields, ...flags }, ...rest }))
}

/** null where the class refuses the combination. */
function startOrRefuse(run: Run): Started | null {
  try {
    return mustStart(run)
  } catch (error) {
    if (error instanceof AppError && ['invalid-input', 'model-incompatible'].includes(error.code)) return null
    throw error
  }
}

function mustStart({ className, config, options, steps, begin, seed }: Run): Started {
  const scheduler = createSchedulerOfClass(className, config, options)
  scheduler.setTimesteps({ steps })
  const noise = new TorchCpuGenerator(seed)
  const drawn = noise.normal([2, 3, 2, 2])
  if (begin === 0) return { scheduler, noise, latents: drawn.map(x => x * scheduler.initNoiseSigma) }
  scheduler.setBeginIndex(begin)
  const picture = Float32Array.from({ length: SIZE }, (_, i) => Math.sin(i))
  return { scheduler, noise, latents: scheduler.addNoise(picture, drawn, scheduler.timesteps[begin]) }
}

/** The latents after each call. `toEqual` tells -0 from 0 and takes every NaN for the same, whose sign bit is the compiler's affair. */
function walk(run: Started, from: number, to: number): number[][] {
  const seen: number[][] = []
  for (let index = from; index < to; index++) {
    const timestep = run.scheduler.timesteps[index]
    const scaled = run.scheduler.scaleModelInput(run.latents, timestep)
    const output = scaled.map((x, i) => 0.6 * x + 0.1 * Math.cos(i + timestep))
    run.latents = run.scheduler.step({ output, timestep, sample: run.latents, noise: run.noise, batch: 2 }).sample
    seen.push([...run.latents])
  }
  return seen
}

/** As the error for an unknown one lists them, so that a new sampler is tested from its first day. */
function knownClasses(): string[] {
  try {
    createSchedulerOfClass('none', {})
  } catch (error) {
    if (error instanceof AppError && Array.isArray(error.details?.known)) return error.details.known.map(String)
    throw error
  }
  return []
}
