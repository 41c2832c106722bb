import { describe, expect, it } from 'vitest'
import {
  SCHEDULERS,
  SIGMA_SCHEDULES,
  SIGMA_SCHEDULES_OF,
  type SchedulerId,
  type SigmaSchedule,
} from '#contract/generation'
import { createModelScheduler } from '#pipeline/model-scheduler'
import { ALIGNED_TIMESTEPS, alignedTimesteps } from '#pipeline/schedulers/aligned-steps'
import { configFor } from '#pipeline/schedulers/config-for'
import { createScheduler } from '#pipeline/schedulers/index'

/** As Stable Diffusion 1.5 ships it. */
const SD15 = {
  _class_name: 'PNDMScheduler',
  _diffusers_version: '0.6.0',
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
  beta_start: 0.00085,
  num_train_timesteps: 1000,
  set_alpha_to_one: false,
  skip_prk_steps: true,
  steps_offset: 1,
  trained_betas: null,
  clip_sample: false,
}
const FLUX = { _class_name: 'FlowMatchEulerDiscreteScheduler', shift: 3, use_dynamic_shifting: false }
const OWN_KIND: Partial<Record<SchedulerId, object>> = {
  'flow-match-euler': FLUX,
  'flow-match-heun': FLUX,
  'flow-match-lcm': FLUX,
  'edm-euler': { _class_name: 'EDMEulerScheduler' },
  'edm-dpmpp-2m': { _class_name: 'EDMEulerScheduler' },
  consistency: { _class_name: 'CMStochasticIterativeScheduler' },
  ipndm: { _class_name: 'IPNDMScheduler' },
}

describe('a choice of sampler and spacing', () => {
  const pairs = SCHEDULERS.flatMap(id => SIGMA_SCHEDULES.map(sigmas => [id, sigmas] as const))

  it.each(pairs)('of %s with %s runs, or is refused with what fits', (id, sigmas) => {
    const config = { ...(OWN_KIND[id] ?? SD15) }
    const make = () => createModelScheduler(config, id, sigmas, [])
    if (!SIGMA_SCHEDULES_OF[id].includes(sigmas)) {
      expect(make).toThrow(/sigmaSchedule is .*; allowed: for /)
      return
    }
    const scheduler = make()
    scheduler.setTimesteps({ steps: 4 })
    expect(scheduler.timesteps.length).toBeGreaterThanOrEqual(4)
    expect(scheduler.timesteps.every(t => Number.isFinite(t))).toBe(true)
  })

  it('changes the noise levels, except where two names mean the same ones', () => {
    const levelsOf = (sigmas: SigmaSchedule) => {
      const scheduler = createModelScheduler(SD15, 'dpmpp-2m', sigmas, [])
      scheduler.setTimesteps({ steps: 6 })
      return [...(scheduler.sigmas ?? [])].map(s => s.toFixed(4)).join(' ')
    }
    const same = [
      ['model', 'linspace'],
      ['simple', 'sgm-uniform', 'trailing'],
      ['exponential', 'lu'],
    ] as const
    for (const [first, ...others] of same) for (const other of others) expect(levelsOf(other)).toBe(levelsOf(first))
    const distinct = ['linspace', 'trailing', 'exponential', 'karras', 'beta', 'leading', 'align-your-steps'] as const
    expect(new Set(distinct.map(levelsOf)).size).toBe(distinct.length)
  })

  it("keeps a model's own variant of a class and forces the variant that was asked for", () => {
    const sde = { _class_name: 'DPMSolverMultistepScheduler', algorithm_type: 'sde-dpmsolver++', solver_type: 'heun' }
    expect(configFor('dpmpp-2m-sde', 'model', sde)).toEqual(sde)
    expect(configFor('dpmpp-2m', 'model', sde)).toMatchObject({ algorithm_type: 'dpmsolver++', solver_order: 2 })
    expect(configFor('dpmpp-3m', 'karras', sde)).toMatchObject({ solver_order: 3, use_karras_sigmas: true })
  })

  it('does not carry the name of one solver into another', () => {
    const config = { _class_name: 'DPMSolverMultistepScheduler', algorithm_type: 'sde-dpmsolver++' }
    expect(() => createScheduler('deis', configFor('deis', 'model', config))).not.toThrow()
  })

  it.each([
    ['ddim', FLUX, 'flow-match-euler'],
    ['flow-match-euler', SD15, 'ddim'],
    ['ipndm', SD15, 'ddim'],
    ['euler', { _class_name: 'EDMEulerScheduler' }, 'edm-euler'],
  ] as const)('of %s is refused for a model that was trained otherwise', (id, config, fitting) => {
    expect(() => configFor(id, 'model', config)).toThrow(fitting)
  })
})

describe('align your steps', () => {
  it('is the published table for ten steps, by the kind of network', () => {
    const sd = createModelScheduler(SD15, 'euler', 'align-your-steps', [])
    sd.setTimesteps({ steps: 10 })
    expect([...sd.timesteps]).toEqual([...ALIGNED_TIMESTEPS.sd])
    const inputs = [{ name: 'time_ids', dtype: 'float32' as const, shape: [1, 6] }]
    const xl = createModelScheduler(SD15, 'dpmpp-2m', 'align-your-steps', inputs)
    xl.setTimesteps({ steps: 10 })
    expect([...xl.timesteps]).toEqual([...ALIGNED_TIMESTEPS.sdxl])
  })

  it.each([1, 5, 17, 40])('reads %i steps off the table, falling from the noisiest', steps => {
    const timesteps = alignedTimesteps('sdxl', steps)
    expect(timesteps).toHaveLength(steps)
    expect(timesteps[0]).toBe(999)
    expect(timesteps.every((t, i) => i === 0 || t < timesteps[i - 1])).toBe(true)
    expect(timesteps[steps - 1]).toBeGreaterThanOrEqual(0)
  })

  it('refuses more steps than there are timesteps to take', () => {
    expect(() => alignedTimesteps('sd', 1000)).toThrow('fewer steps')
  })
})
