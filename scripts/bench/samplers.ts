/**
 * What one model call costs in each sampler beside the model: scaling the input and stepping, on the latents of a 1024 x 1024
 * picture. Noise is made beforehand, and what making it costs is listed apart: it is the generator's time, not the sampler's.
 * Times are the thread's own (not the clock's), so that other programs on the machine do not count.
 */
import { AppError } from '#contract/errors'
import { NOISE_SOURCES } from '#contract/generation'
import { createNormalSource } from '#pipeline/random/noise'
import type { NormalSource } from '#pipeline/random/normal-source'
import { createSchedulerOfClass } from '#pipeline/schedulers/index'
import type { SchedulerConfig } from '#pipeline/schedulers/scheduler'
import { elementCount } from '#pipeline/tensor'
import { round } from './statistics.ts'

const SHAPE = [1, 4, 128, 128]
const STEPS = 20
/** Runs in which the engine compiles, and measured ones: together long beside the 4 ms in which some systems count. */
const WARM_UP_RUNS = 2
const RUNS = 6
const WARM_UP_DRAWS = 10
const DRAWS = 40

/** Variants whose step differs from that of the class's defaults. */
const VARIANTS: Readonly<Record<string, Readonly<Record<string, SchedulerConfig>>>> = {
  DPMSolverMultistepScheduler: {
    'order 3': { solver_order: 3 },
    SDE: { algorithm_type: 'sde-dpmsolver++' },
    'Karras sigmas': { use_karras_sigmas: true },
  },
  DPMSolverSinglestepScheduler: { 'order 3': { solver_order: 3 } },
  DEISMultistepScheduler: { 'order 3': { solver_order: 3 } },
  UniPCMultistepScheduler: { 'order 3': { solver_order: 3 } },
}

interface SamplerCost {
  sampler: string
  msPerCall: number
}

export function benchSamplers() {
  const noise = preparedNoise()
  const costs = knownClasses().flatMap(className => [
    costOf(className, className, {}, noise),
    ...Object.entries(VARIANTS[className] ?? {}).map(([name, config]) =>
      costOf(`${className}, ${name}`, className, config, noise),
    ),
  ])
  return {
    latents: SHAPE,
    steps: STEPS,
    samplers: costs.sort((a, b) => b.msPerCall - a.msPerCall),
    noise: NOISE_SOURCES.map(id => ({ source: id, msPerDraw: costOfNoise(createNormalSource(id, 1)) })),
  }
}

function costOf(sampler: string, className: string, config: SchedulerConfig, noise: NormalSource): SamplerCost {
  const scheduler = createSchedulerOfClass(className, config)
  const output = noise.normal(SHAPE)
  let calls = 0
  let startedAt = 0
  for (let run = 0; run < WARM_UP_RUNS + RUNS; run++) {
    if (run === WARM_UP_RUNS) [calls, startedAt] = [0, threadMs()]
    scheduler.setTimesteps({ steps: STEPS })
    let sample = noise.normal(SHAPE)
    for (const timestep of scheduler.timesteps) {
      scheduler.scaleModelInput(sample, timestep)
      sample = scheduler.step({ output, timestep, sample, noise, batch: SHAPE[0] }).sample
    }
    calls += scheduler.timesteps.length
  }
  return { sampler, msPerCall: round((threadMs() - startedAt) / calls) }
}

function costOfNoise(source: NormalSource): number {
  let startedAt = 0
  for (let draw = 0; draw < WARM_UP_DRAWS + DRAWS; draw++) {
    if (draw === WARM_UP_DRAWS) startedAt = threadMs()
    source.normal(SHAPE)
  }
  return round((threadMs() - startedAt) / DRAWS)
}

function threadMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** The same tensor again and again: drawing costs nothing. */
function preparedNoise(): NormalSource {
  const values = createNormalSource('torch-cpu', 1).normal([elementCount(SHAPE)])
  return { normal: () => values, saveState: () => ({}), restoreState: () => undefined }
}

/** As the error for an unknown class lists them. */
function knownClasses(): string[] {
  try {
    createSchedulerOfClass('none', {})
  } catch (error) {
    if (error instanceof AppError && Array.isArray(error.details?.known)) return error.details.known.map(String)
    throw error
  }
  return []
}
