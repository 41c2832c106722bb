/**
 * What one model call costs in each sampler beside the model: scaling the input and stepping, on the latents of a 1024 x 1024
 * picture. Noise is made beforehand, and what making it costs is listed apart: it is the generator's time, not the sampler's.
 * A call's time is the fastest of its runs: what it costs when nothing else wants the processor. The median says how busy the
 * machine was.
 */
import { setFlagsFromString } from 'node:v8'
import { AppError } from '#contract/errors'
import { NOISE_SOURCES } from '#contract/generation'
import { createNormalSource } from '#pipeline/random/noise'
import type { NormalSource } from '#pipeline/random/normal-source'
import { createSchedulerOfClass } from '#pipeline/schedulers/index'
import type { SchedulerConfig } from '#pipeline/schedulers/scheduler'
import { elementCount } from '#pipeline/tensor'
import { median, round } from './statistics.ts'

const SHAPE = [1, 4, 128, 128]
const STEPS = 20
/** Runs in which the engine compiles. */
const WARM_UP_RUNS = 2
const RUNS = 15
/** Slow samplers make fewer runs, but at least three. */
const BUDGET_MS = 2000
const LEAST_RUNS = 3
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
  medianMsPerCall: number
}

export function benchSamplers() {
  setFlagsFromString('--no-maglev') // as the engine's process runs (main/hosts/fork-engine.ts)
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
  const runOnce = (): number[] => {
    scheduler.setTimesteps({ steps: STEPS })
    let sample = noise.normal(SHAPE)
    return Array.from(scheduler.timesteps, timestep => {
      const startedAt = performance.now()
      scheduler.scaleModelInput(sample, timestep)
      sample = scheduler.step({ output, timestep, sample, noise, batch: SHAPE[0] }).sample
      return performance.now() - startedAt
    })
  }
  for (let run = 0; run < WARM_UP_RUNS; run++) runOnce()
  const runs: number[][] = []
  const endsAt = performance.now() + BUDGET_MS
  while (runs.length < LEAST_RUNS || (runs.length < RUNS && performance.now() < endsAt)) runs.push(runOnce())
  const fastest = runs[0].map((_, call) => Math.min(...runs.map(times => times[call])))
  return { sampler, msPerCall: round(median(fastest)), medianMsPerCall: round(median(runs.flat())) }
}

function costOfNoise(source: NormalSource): number {
  const times = Array.from({ length: DRAWS }, () => {
    const startedAt = performance.now()
    source.normal(SHAPE)
    return performance.now() - startedAt
  })
  return round(Math.min(...times))
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
