import { describe, expect, it } from 'vitest'
import { TorchCpuGenerator } from '#pipeline/random/torch-cpu'
import { createSchedulerOfClass } from '#pipeline/schedulers/index'
import {
  deviationAt,
  optimalClean,
  optimalOutput,
  pointAt,
  STABLE_DIFFUSION,
  type Gaussian,
  type Level,
} from '#test/gaussian-world'
import {
  exploding,
  flow,
  halfway,
  halfwayDown,
  momentErrors,
  observedOrder,
  odeError,
  preserving,
  training,
  type MomentErrors,
  type Setting,
} from '#test/closed-form'

const KARRAS = { use_karras_sigmas: true }
const SMOOTH = { ...KARRAS, lower_order_final: false }
const TRAILING = { timestep_spacing: 'trailing', clip_sample: false }

type OrderCase = [name: string, order: number, steps: number, setting: Setting]

const multistep = (config: Setting['config']): Setting => ({
  className: 'DPMSolverMultistepScheduler',
  config: { ...SMOOTH, ...config },
  level: preserving,
})
const inSigmas = (className: string, config: Setting['config'] = {}): Setting => ({
  className,
  config: { ...KARRAS, ...config },
  level: exploding,
})
const inHalfLogSnr = (className: string, config: Setting['config']): Setting => ({
  className,
  config: { ...SMOOTH, ...config },
  level: preserving,
})

/** EDM's network F answers what its preconditioning makes the optimal denoiser of: D = cSkip x + cOut F. */
const EDM: Omit<Setting, 'className' | 'config'> = {
  level: exploding,
  output: (data, level, x) => {
    const [signal, total] = [EDM_SIGMA_DATA ** 2, level.sigma ** 2 + EDM_SIGMA_DATA ** 2]
    const cOut = (level.sigma * EDM_SIGMA_DATA) / Math.sqrt(total)
    return (optimalClean(data, level, x) - (signal / total) * x) / cOut
  },
}
const EDM_SIGMA_DATA = 0.5

/** IPNDM's time is the angle between picture and noise, in right angles. */
const angular: Setting['level'] = ({ timesteps }, index) => {
  const angle = index < timesteps.length ? (timesteps[index] * Math.PI) / 2 : 0
  return { alpha: Math.cos(angle), sigma: Math.sin(angle) }
}

/** Orders of the papers where the start-up (a multistep method's first steps are of lower order) does not show. */
const ORDERS: OrderCase[] = [
  ['Euler', 1, 20, inSigmas('EulerDiscreteScheduler')],
  ['Heun', 2, 20, inSigmas('HeunDiscreteScheduler')],
  ['KDPM2', 2, 20, { ...inSigmas('KDPM2DiscreteScheduler'), level: halfway }],
  ['LMS of order 4', 3.5, 20, inSigmas('LMSDiscreteScheduler')],
  ['DPM++ 1', 1, 20, multistep({ solver_order: 1 })],
  ['DPM++ 2M midpoint', 2, 40, multistep({ solver_order: 2 })],
  ['DPM++ 2M heun', 2, 40, multistep({ solver_order: 2, solver_type: 'heun' })],
  ['DPM-Solver 2M', 2, 40, multistep({ algorithm_type: 'dpmsolver', final_sigmas_type: 'sigma_min' })],
  ['DPM++ single-step 2', 2, 20, inHalfLogSnr('DPMSolverSinglestepScheduler', { solver_order: 2 })],
  ['DPM++ single-step 3', 3, 10, inHalfLogSnr('DPMSolverSinglestepScheduler', { solver_order: 3 })],
  ['DEIS 1', 1, 20, inHalfLogSnr('DEISMultistepScheduler', { solver_order: 1 })],
  ['DEIS 2', 2, 20, inHalfLogSnr('DEISMultistepScheduler', { solver_order: 2 })],
  // The corrector adds one to the predictor's order.
  ['UniPC 1 bh2', 2, 20, inHalfLogSnr('UniPCMultistepScheduler', { solver_order: 1 })],
  ['UniPC 2 bh1', 3, 40, inHalfLogSnr('UniPCMultistepScheduler', { solver_order: 2, solver_type: 'bh1' })],
  ['UniPC 2 bh2', 3, 20, inHalfLogSnr('UniPCMultistepScheduler', { solver_order: 2 })],
  ['UniPC 3 bh2', 4, 40, inHalfLogSnr('UniPCMultistepScheduler', { solver_order: 3 })],
  ['EDM Euler', 1, 20, { className: 'EDMEulerScheduler', config: {}, ...EDM }],
  [
    'EDM DPM++ 2M',
    2,
    40,
    { className: 'EDMDPMSolverMultistepScheduler', config: { lower_order_final: false }, ...EDM },
  ],
  // From pure noise its first step is of order 1, whatever comes after.
  ['IPNDM', 1, 20, { className: 'IPNDMScheduler', config: {}, level: angular, predicts: 'v_prediction' }],
  [
    'flow-match Euler',
    1,
    20,
    { className: 'FlowMatchEulerDiscreteScheduler', config: {}, level: flow, predicts: 'flow_prediction' },
  ],
  [
    'flow-match Heun',
    2,
    20,
    { className: 'FlowMatchHeunDiscreteScheduler', config: {}, level: flow, predicts: 'flow_prediction' },
  ],
]

describe('deterministic samplers follow the probability-flow ODE of normal data', () => {
  it.each(ORDERS)('%s has order %d', (_, order, steps, setting) => {
    expect(Math.abs(observedOrder(setting, steps, 1) - order)).toBeLessThan(0.4)
  })

  it('of higher order are closer to it at the same number of steps', () => {
    const errors = [1, 2, 3].map(solver_order => odeError(multistep({ solver_order }), 20, 1))
    expect(errors).toEqual([...errors].sort((a, b) => b - a))
    expect(errors[2]).toBeLessThan(0.005)
  })

  it.each(['v_prediction', 'sample'] as const)('as well with %s as with the predicted noise', type => {
    const setting = inSigmas('EulerDiscreteScheduler', { prediction_type: type })
    // Euler's v-prediction is the one of the scaled, variance-preserving latents.
    const answer = (data: Gaussian, { sigma }: Level, x: number): number => {
      const clean = data.mean + (data.deviation ** 2 / (data.deviation ** 2 + sigma ** 2)) * (x - data.mean)
      const scale = Math.hypot(1, sigma)
      return type === 'sample' ? clean : (x / scale ** 2 - clean) * (scale / sigma)
    }
    const plain = odeError(inSigmas('EulerDiscreteScheduler'), 20, 1)
    expect(odeError({ ...setting, output: answer }, 20, 1)).toBeCloseTo(plain, 4)
  })

  it('DDIM and PNDM on whole training steps come closer with every doubling', () => {
    for (const className of ['DDIMScheduler', 'PNDMScheduler']) {
      const config = className === 'DDIMScheduler' ? TRAILING : { timestep_spacing: 'trailing', skip_prk_steps: true }
      const errors = [10, 20, 40].map(steps =>
        odeError({ className, config: { ...config, set_alpha_to_one: true }, level: training }, steps, 0),
      )
      expect(errors[1]).toBeLessThan(0.65 * errors[0])
      expect(errors[2]).toBeLessThan(0.65 * errors[1])
    }
  })
})

type MomentCase = [name: string, steps: number, leastOrder: number, setting: Setting]

const MOMENTS: MomentCase[] = [
  ['Euler', 40, 0.9, inSigmas('EulerDiscreteScheduler')],
  ['Euler with churn', 40, 0.9, { ...inSigmas('EulerDiscreteScheduler'), options: { s_churn: 5 } }],
  [
    'Euler ancestral',
    80,
    0.6,
    { className: 'EulerAncestralDiscreteScheduler', config: { timestep_spacing: 'trailing' }, level: exploding },
  ],
  ['KDPM2 ancestral', 20, 1.8, { ...inSigmas('KDPM2AncestralDiscreteScheduler'), level: halfwayDown }],
  ['DPM++ SDE of order 1', 40, 0.8, multistep({ algorithm_type: 'sde-dpmsolver++', solver_order: 1 })],
  ['DPM++ 2M SDE', 20, 1.8, multistep({ algorithm_type: 'sde-dpmsolver++', solver_order: 2 })],
  ['DPM-Solver 2M SDE', 20, 1.8, multistep({ algorithm_type: 'sde-dpmsolver', final_sigmas_type: 'sigma_min' })],
  ['SA-Solver', 20, 1.8, inHalfLogSnr('SASolverScheduler', {})],
  ['DDIM', 50, 0.75, { className: 'DDIMScheduler', config: TRAILING, level: training }],
  ['DDIM with eta 1', 100, 0.7, { className: 'DDIMScheduler', config: TRAILING, options: { eta: 1 }, level: training }],
  ['DDPM', 100, 0.7, { className: 'DDPMScheduler', config: TRAILING, level: training }],
  [
    'DDPM with the large variance',
    100,
    0.9,
    { className: 'DDPMScheduler', config: { ...TRAILING, variance_type: 'fixed_large' }, level: training },
  ],
  ['TCD without noise', 25, 0.7, { className: 'TCDScheduler', config: {}, options: { eta: 0 }, level: training }],
]

/** What is left of the data at the lowest noise levels: the last step goes from there to none. */
const FLOOR = 2e-3

describe('samplers reach the moments of normal data', () => {
  it.each(MOMENTS)('%s, from %d steps to twice as many, at least with order %d', (_, steps, leastOrder, setting) => {
    const [coarse, fine] = [momentErrors(setting, steps), momentErrors(setting, 2 * steps)]
    expect(fine.mean).toBeLessThan(1e-3)
    expect(fine.deviation).toBeLessThan(Math.max(coarse.deviation * 2 ** -leastOrder, FLOOR))
    expect(fine.deviation).toBeLessThan(0.1)
  })

  it('DDPM with all 1000 steps is within 1 %', () => {
    const setting = { className: 'DDPMScheduler', config: TRAILING, level: training }
    expect(momentErrors(setting, 1000).deviation).toBeLessThan(0.01)
  })
})

describe('DPM++ SDE, whose noise is a Brownian path and cannot be probed', () => {
  const data: Gaussian = { mean: -0.4, deviation: 1.3 }
  const count = 8192
  const sampled = { mean: 4 / Math.sqrt(count), deviation: 4 / Math.sqrt(2 * count) } // four standard errors

  /** Relative errors of mean and deviation of many components, each with a path of its own. */
  function sampledErrors(steps: number): MomentErrors {
    const config = { ...STABLE_DIFFUSION, ...KARRAS, noise_sampler_seed: 3 }
    const scheduler = createSchedulerOfClass('DPMSolverSDEScheduler', config)
    scheduler.setTimesteps({ steps })
    const last = scheduler.timesteps.length - 1
    const noise = new TorchCpuGenerator(9)
    let x = noise.normal([count]).map(z => pointAt(data, exploding(scheduler, 0), z))
    scheduler.timesteps.forEach((timestep, index) => {
      const level = (index === last ? exploding : halfway)(scheduler, index)
      const output = x.map(value => optimalOutput('epsilon', data, level, value))
      scheduler.scaleModelInput(x, timestep)
      x = Float32Array.from(scheduler.step({ output, timestep, sample: x, noise }).sample)
    })
    const mean = x.reduce((sum, value) => sum + value, 0) / count
    const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count
    return {
      mean: Math.abs(mean - data.mean) / data.deviation,
      deviation: Math.abs(Math.sqrt(variance) / data.deviation - 1),
    }
  }

  it('reaches the moments of normal data, the closer the more steps', () => {
    const [coarse, fine] = [sampledErrors(8), sampledErrors(32)]
    expect(fine.mean).toBeLessThan(sampled.mean)
    expect(fine.deviation).toBeLessThan(sampled.deviation)
    expect(fine.deviation).toBeLessThan(coarse.deviation)
  })
})

/** Maps any point of an ODE path to the path's clean end. */
function consistencyFunction(data: Gaussian, level: Level, x: number): number {
  return data.mean + (data.deviation * (x - level.alpha * data.mean)) / deviationAt(data, level)
}

describe('consistency samplers reach the moments exactly at any number of steps', () => {
  const lcm: Setting = {
    className: 'LCMScheduler',
    config: {},
    level: training,
    // denoised = cOut x_0 + cSkip x has to be the consistency function
    output: (data, level, x, timestep) => {
      const scaled = timestep * 10
      const cSkip = 0.25 / (scaled ** 2 + 0.25)
      const cOut = scaled / Math.sqrt(scaled ** 2 + 0.25)
      const clean = (consistencyFunction(data, level, x) - cSkip * x) / cOut
      return (x - level.alpha * clean) / level.sigma
    },
  }
  const flowConsistency: Omit<Setting, 'className' | 'config'> = {
    level: flow,
    output: (data, level, x) => (x - consistencyFunction(data, level, x)) / level.sigma,
  }
  const stochastic: Setting = {
    className: 'FlowMatchEulerDiscreteScheduler',
    config: { stochastic_sampling: true },
    ...flowConsistency,
  }

  it.each<[string, Setting]>([
    ['LCM', lcm],
    ['stochastic flow-match Euler', stochastic],
  ])('%s', (_, setting) => {
    for (const steps of [1, 2, 4, 8]) {
      const { mean, deviation } = momentErrors(setting, steps)
      expect(mean).toBeLessThan(1e-3)
      expect(deviation).toBeLessThan(1e-3)
    }
  })
})
