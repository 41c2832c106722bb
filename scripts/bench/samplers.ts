/**
 * What one model call costs in each sampler beside the model, on the latents of a 1024 x 1024 picture: scaling the input and
 * stepping. The noise that it draws on the way (from torch's generator, or from a Brownian path) is made for real and counted
 * apart, as it is the generator's time and not the sampler's. A call's time is the fastest of its runs: what it costs when
 * nothing else wants the processor. The median says how busy the machine was.
 */
import { setFlagsFromString } from 'node:v8'
import { AppError } from '#contract/errors'
import { NOISE_SOURCES } from '#contract/generation'
import { BrownianTree } from '#pipeline/random/brownian-tree'
import { createNormalSource } from '#pipeline/random/noise'
import type { NormalSource } from '#pipeline/random/normal-source'
import { createSchedulerOfClass } from '#pipeline/schedulers/index'
import type { SchedulerConfig } from '#pipeline/schedulers/scheduler'
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
  /** Without the noise. */
  msPerCall: number
  medianMsPerCall: number
  /** What drawing the noise takes beside that; 0 for samplers that draw none. */
  noiseMsPerCall: number
}

export function benchSamplers() {
  setFlagsFromString('--no-maglev') // as the engine's process runs (main/hosts/fork-engine.ts)
  const noise = timedNoise()
  const costs = knownClasses().flatMap(className => [
    costOf(className, className, {}, noise),
    ...Object.entries(VARIANTS[className] ?? {}).map(([name, config]) =>
      costOf(`${className}, ${name}`, className, config, noise),
    ),
  ])
  noise.stop()
  return {
    latents: SHAPE,
    steps: STEPS,
    samplers: costs.sort((a, b) => b.msPerCall - a.msPerCall),
    noise: NOISE_SOURCES.map(id => ({ source: id, msPerDraw: costOfNoise(createNormalSource(id, 1)) })),
  }
}

function costOf(sampler: string, className: string, config: SchedulerConfig, noise: TimedNoise): SamplerCost {
  const scheduler = createSchedulerOfClass(className, config)
  const output = noise.normal(SHAPE)
  const runOnce = (): CallTime[] => {
    scheduler.setTimesteps({ steps: STEPS })
    let sample = noise.normal(SHAPE)
    return Array.from(scheduler.timesteps, timestep => {
      const drawnBefore = noise.ms()
      const startedAt = performance.now()
      scheduler.scaleModelInput(sample, timestep)
      sample = scheduler.step({ output, timestep, sample, noise, batch: SHAPE[0] }).sample
      const wholeMs = performance.now() - startedAt
      const noiseMs = noise.ms() - drawnBefore
      return { ms: wholeMs - noiseMs, noiseMs }
    })
  }
  for (let run = 0; run < WARM_UP_RUNS; run++) runOnce()
  const runs: CallTime[][] = []
  const endsAt = performance.now() + BUDGET_MS
  while (runs.length < LEAST_RUNS || (runs.length < RUNS && performance.now() < endsAt)) runs.push(runOnce())
  const fastest = (of: keyof CallTime) => runs[0].map((_, call) => Math.min(...runs.map(times => times[call][of])))
  return {
    sampler,
    msPerCall: round(median(fastest('ms'))),
    medianMsPerCall: round(median(runs.flat().map(({ ms }) => ms))),
    noiseMsPerCall: round(median(fastest('noiseMs'))),
  }
}

interface CallTime {
  ms: number
  noiseMs: number
}

function costOfNoise(source: NormalSource): number {
  const times = Array.from({ length: DRAWS }, () => {
    const startedAt = performance.now()
    source.normal(SHAPE)
    return performance.now() - startedAt
  })
  return round(Math.min(...times))
}

interface TimedNoise extends NormalSource {
  /** Spent on drawing so far, here and in Brownian paths. */
  ms(): number
  stop(): void
}

/** torch's generator, and Brownian paths where a sampler asks them, on one clock. */
function timedNoise(): TimedNoise {
  const source = createNormalSource('torch-cpu', 1)
  const { noise: drawPath } = BrownianTree.prototype
  let spentMs = 0
  function timed<T>(draw: () => T): T {
    const startedAt = performance.now()
    try {
      return draw()
    } finally {
      spentMs += performance.now() - startedAt
    }
  }
  BrownianTree.prototype.noise = function (this: BrownianTree, ...levels) {
    return timed(() => drawPath.apply(this, levels))
  }
  return {
    normal: dims => timed(() => source.normal(dims)),
    saveState: () => source.saveState(),
    restoreState: state => source.restoreState(state),
    ms: () => spentMs,
    stop: () => void (BrownianTree.prototype.noise = drawPath),
  }
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
