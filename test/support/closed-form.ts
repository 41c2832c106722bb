/** Runs a sampler with the optimal denoiser of normal data (gaussian-world.ts) and says how far its result is from the truth. */
import type { NormalSource } from '#pipeline/random/normal-source'
import { createSchedulerOfClass } from '#pipeline/schedulers/index'
import type { SamplerOptions, Scheduler, SchedulerConfig } from '#pipeline/schedulers/scheduler'
import { elementCount } from '#pipeline/tensor'
import {
  deviationAt,
  explodingLevel,
  flowLevel,
  optimalOutput,
  pointAt,
  preservingLevel,
  STABLE_DIFFUSION,
  trainingLevel,
  type Gaussian,
  type Level,
  type PredictionType,
} from './gaussian-world.ts'

/** The level at which call `index` evaluates the model. */
type LevelOfCall = (scheduler: Scheduler, index: number) => Level

const sigmaOf = (scheduler: Scheduler, index: number): number => scheduler.sigmas?.[index] ?? NaN

export const exploding: LevelOfCall = (scheduler, index) => explodingLevel(sigmaOf(scheduler, index))
export const preserving: LevelOfCall = (scheduler, index) => preservingLevel(sigmaOf(scheduler, index))
export const flow: LevelOfCall = (scheduler, index) => flowLevel(sigmaOf(scheduler, index))

const levelOfTimestep = trainingLevel()
export const training: LevelOfCall = ({ timesteps }, index) =>
  levelOfTimestep(index < timesteps.length ? timesteps[index] : -1)

/** Every second call of KDPM2 is in the middle of a step, in log sigma. */
export const halfway: LevelOfCall = (scheduler, index) => {
  if (index % 2 === 0) return exploding(scheduler, index)
  return explodingLevel(Math.sqrt(sigmaOf(scheduler, index - 1) * sigmaOf(scheduler, index)))
}

/** The ancestral one goes down further than its step, and adds the noise back: the middle is on the way down. */
export const halfwayDown: LevelOfCall = (scheduler, index) => {
  if (index % 2 === 0) return exploding(scheduler, index)
  const [from, to] = [sigmaOf(scheduler, index - 1), sigmaOf(scheduler, index)]
  const added = Math.sqrt((to ** 2 * (from ** 2 - to ** 2)) / from ** 2)
  return explodingLevel(Math.sqrt(from * Math.sqrt(to ** 2 - added ** 2)))
}

export interface Setting {
  className: string
  config: SchedulerConfig
  options?: SamplerOptions
  level: LevelOfCall
  predicts?: PredictionType
  /** What the model answers; the optimal prediction if absent. */
  output?: (data: Gaussian, level: Level, x: number, timestep: number) => number
}

const DATA: readonly Gaussian[] = [
  { mean: 0.7, deviation: 0.5 },
  { mean: -0.4, deviation: 1.3 },
  { mean: 0.1, deviation: 0.8 },
]
const PLACES = [1.1, -0.6, 0.4]

/**
 * Largest distance from the ODE's solution, in deviations, after all calls but the last `before` (the step from the lowest
 * level to none does not shrink with the number of steps).
 */
export function odeError(setting: Setting, steps: number, before: number): number {
  const scheduler = start(setting, steps)
  const end = scheduler.timesteps.length - before
  const levelOf = (index: number) => setting.level(scheduler, index)
  let x = Float32Array.from(DATA, (data, i) => pointAt(data, levelOf(0), PLACES[i]))
  for (let index = 0; index < end; index++) x = step(setting, scheduler, index, x, i => DATA[i], silence)
  const level = levelOf(end)
  const errors = DATA.map((data, i) => Math.abs(x[i] - pointAt(data, level, PLACES[i])) / deviationAt(data, level))
  return Math.max(...errors)
}

/** log2 of how much smaller the error becomes when the steps double. */
export function observedOrder(setting: Setting, steps: number, before: number): number {
  return Math.log2(odeError(setting, steps, before) / odeError(setting, 2 * steps, before))
}

/** Relative errors of the result's mean (in deviations) and deviation; the larger one of two data sets. */
export interface MomentErrors {
  mean: number
  deviation: number
}

/**
 * With this denoiser a whole run is affine: x_end = a x_T + b + sum_k c_k n_k. One run with a component for each unknown
 * (all zero; x_T = 1; the k-th noise = 1) gives them all, and with them the exact moments of the result without drawing.
 */
export function momentErrors(setting: Setting, steps: number): MomentErrors {
  const errors = DATA.slice(0, 2).map(data => {
    const scheduler = start(setting, steps)
    const components = 2 * scheduler.timesteps.length + 4
    const probes = probeNoise(components)
    const first = setting.level(scheduler, 0)
    let x = new Float32Array(components)
    x[1] = 1
    for (let i = 0; i < scheduler.timesteps.length; i++) x = step(setting, scheduler, i, x, () => data, probes)
    const [b, ...rest] = x
    const [a, ...noises] = rest.map(value => value - b)
    const variance = noises.reduce((sum, c) => sum + c * c, (a * deviationAt(data, first)) ** 2)
    return {
      mean: Math.abs(a * first.alpha * data.mean + b - data.mean) / data.deviation,
      deviation: Math.abs(Math.sqrt(variance) / data.deviation - 1),
    }
  })
  return {
    mean: Math.max(...errors.map(error => error.mean)),
    deviation: Math.max(...errors.map(error => error.deviation)),
  }
}

function start({ className, config, options }: Setting, steps: number): Scheduler {
  const takesBetas = !/^(EDM|FlowMatch|CM|IPNDM)/.test(className)
  const scheduler = createSchedulerOfClass(className, takesBetas ? { ...STABLE_DIFFUSION, ...config } : config, options)
  scheduler.setTimesteps({ steps })
  return scheduler
}

function step(
  setting: Setting,
  scheduler: Scheduler,
  index: number,
  sample: Float32Array,
  dataOf: (component: number) => Gaussian,
  noise: NormalSource,
): Float32Array<ArrayBuffer> {
  const timestep = scheduler.timesteps[index]
  const level = setting.level(scheduler, index)
  const type = setting.predicts ?? 'epsilon'
  const output = sample.map((x, i) =>
    setting.output ? setting.output(dataOf(i), level, x, timestep) : optimalOutput(type, dataOf(i), level, x),
  )
  scheduler.scaleModelInput(sample, timestep)
  return Float32Array.from(scheduler.step({ output, timestep, sample, noise }).sample)
}

const silence: NormalSource = {
  normal: dims => new Float32Array(elementCount(dims)),
  saveState: () => ({}),
  restoreState: () => undefined,
}

/** The k-th draw is 1 in component k + 2 and 0 elsewhere. */
function probeNoise(components: number): NormalSource {
  let drawn = 0
  return {
    normal() {
      const values = new Float32Array(components)
      values[2 + drawn++] = 1
      return values
    },
    saveState: () => ({}),
    restoreState: () => undefined,
  }
}
