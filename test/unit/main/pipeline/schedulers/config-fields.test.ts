import { describe, expect, it } from 'vitest'
import { AppError } from '#contract/errors'
import { createScheduler, createSchedulerOfClass, schedulerIdOfClass } from '#pipeline/schedulers/index'

function errorOf(run: () => unknown): AppError {
  try {
    run()
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('a scheduler config', () => {
  it.each([
    ['EulerDiscreteScheduler', { beta_schedule: 'cubic' }, 'beta_schedule', 'linear, scaled_linear, squaredcos_cap_v2'],
    ['HeunDiscreteScheduler', { beta_schedule: 'laplace' }, 'beta_schedule', 'exp'],
    ['DDIMScheduler', { prediction_type: 'flow_prediction' }, 'prediction_type', 'epsilon, sample, v_prediction'],
    ['KDPM2DiscreteScheduler', { prediction_type: 'sample' }, 'prediction_type', 'epsilon, v_prediction'],
    ['DDIMScheduler', { num_train_timesteps: 0 }, 'num_train_timesteps', 'a whole number'],
    ['DDIMScheduler', { beta_start: NaN }, 'beta_start', 'a number from 0 to 1'],
    ['DDIMScheduler', { trained_betas: [0.1, 0.2] }, 'trained_betas', '1000 values'],
    ['DDIMScheduler', { clip_sample: 'yes' }, 'clip_sample', 'true or false'],
    ['EulerDiscreteScheduler', { use_karras_sigmas: true, use_beta_sigmas: true }, 'use_beta_sigmas', 'only one'],
    ['DPMSolverMultistepScheduler', { algorithm_type: 'dpmsolver' }, 'final_sigmas_type', 'sigma_min'],
    ['DPMSolverMultistepScheduler', { solver_order: 4 }, 'solver_order', 'from 1 to 3'],
    ['SASolverScheduler', { tau_func: 'lambda' }, 'tau_func', 'null'],
    ['UniPCMultistepScheduler', { shift_terminal: 0.1 }, 'shift_terminal', 'use_flow_sigmas'],
    ['FlowMatchLCMScheduler', { scale_factors: [1, 2] }, 'scale_factors', 'null'],
    ['DDIMScheduler', { beta_shape: 'round' }, 'beta_shape', 'no such field'],
  ])('of %s refuses %o', (className, config, field, allowed) => {
    const error = errorOf(() => createSchedulerOfClass(className, config))
    expect(error.code).toBe('model-incompatible')
    expect(error.message).toContain(field)
    expect(error.message).toContain(allowed)
  })

  it('written for another class is taken without the fields that this class lacks', () => {
    const config = {
      _class_name: 'PNDMScheduler',
      _diffusers_version: '0.8.0',
      skip_prk_steps: true,
      tensor_format: 'pt',
    }
    expect(() => createScheduler('euler', config)).not.toThrow()
  })

  it('leaves out fields that were only defaults of the class it was written for', () => {
    const config = { timestep_spacing: 'leading', steps_offset: 1, _use_default_values: ['timestep_spacing'] }
    const scheduler = createScheduler('euler', config)
    scheduler.setTimesteps({ steps: 4 })
    expect(scheduler.timesteps[0]).toBe(999)
  })

  it('may say minus infinity in words, as mended JSON does', () => {
    expect(() => createScheduler('dpmpp-2m', { lambda_min_clipped: '-Infinity' })).not.toThrow()
  })

  it('of a class that no sampler equals is refused with those that can be used', () => {
    const error = errorOf(() => schedulerIdOfClass('AmusedScheduler'))
    expect(error.code).toBe('model-incompatible')
    expect(error.message).toContain('DDIMScheduler')
    expect(schedulerIdOfClass('DDIMParallelScheduler')).toBe('ddim')
  })
})

describe('the options of a run', () => {
  it.each([
    ['DDIMScheduler', { eta: -0.1 }, 'samplerOptions.eta is -0.1; allowed: a number from 0 to 1'],
    ['EulerDiscreteScheduler', { eta: 1 }, 'samplerOptions.eta'],
    ['PNDMScheduler', { s_churn: 1 }, 'this sampler has no options'],
    ['EulerDiscreteScheduler', { s_noise: NaN }, 'samplerOptions.s_noise is NaN'],
  ])('of %s refuse %o', (className, options, message) => {
    const error = errorOf(() => createSchedulerOfClass(className, {}, options))
    expect(error.code).toBe('invalid-input')
    expect(error.message).toContain(message)
  })
})

describe('a schedule request', () => {
  it.each([
    ['DDIMScheduler', { steps: 1001 }, 'steps is 1001'],
    ['DPMSolverMultistepScheduler', { steps: 0 }, 'steps is 0'],
    ['EulerDiscreteScheduler', { steps: 2.5 }, 'steps is 2.5'],
    ['EulerDiscreteScheduler', { sigmas: [14, NaN, 0] }, 'sigmas.1 is NaN'],
    ['EulerDiscreteScheduler', { sigmas: [1, 2, 0] }, 'sigmas.1 is 2'],
    ['EulerDiscreteScheduler', { timesteps: [900, 900] }, 'timesteps.1 is 900'],
    ['EulerDiscreteScheduler', { steps: 4, sigmas: [1, 0] }, 'exactly one of'],
    ['EulerDiscreteScheduler', {}, 'steps is missing'],
    ['DDIMScheduler', { sigmas: [1, 0] }, 'this sampler takes steps'],
    ['DDIMScheduler', { steps: 4, mu: 1 }, 'mu is 1'],
    ['LCMScheduler', { steps: 4, strength: 2 }, 'strength is 2'],
    ['LCMScheduler', { steps: 51 }, 'steps is 51'],
    ['PNDMScheduler', { steps: 3 }, 'skip_prk_steps'],
  ])('of %s refuses %o', (className, request, message) => {
    const error = errorOf(() => createSchedulerOfClass(className, {}).setTimesteps(request))
    expect(error.code).toBe('invalid-input')
    expect(error.message).toContain(message)
  })

  it('that would look behind the last training step says so instead of reading nothing', () => {
    const scheduler = createScheduler('ddim', { steps_offset: 1 })
    expect(errorOf(() => scheduler.setTimesteps({ steps: 1000 })).message).toContain('1000')
  })

  it('needs mu where the flow is shifted by the size of the picture', () => {
    const scheduler = createScheduler('flow-match-euler', { use_dynamic_shifting: true })
    expect(errorOf(() => scheduler.setTimesteps({ steps: 4 })).message).toContain('mu is missing')
  })

  it('of one step is refused where the schedule is stretched to its last level: there is nothing to stretch', () => {
    const scheduler = createScheduler('flow-match-euler', { shift_terminal: 0.1 })
    const error = errorOf(() => scheduler.setTimesteps({ steps: 1 }))
    expect(error.code).toBe('invalid-input')
    expect(error.message).toContain('steps is 1; allowed: at least 2')
    scheduler.setTimesteps({ steps: 2 })
    expect(scheduler.sigmas?.[1]).toBeCloseTo(0.1, 6)
  })
})
