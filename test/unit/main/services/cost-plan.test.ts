import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { callsOf } from '#contract/estimate'
import { SCHEDULERS } from '#contract/generation'
import { CONTROL_DEFAULTS, HIRES_DEFAULTS } from '#contract/passes'
import { createModelScheduler } from '#pipeline/model-scheduler'
import { planCost, valueAt } from '#services/cost-plan'
import { SMALL_REQUEST } from '#test/starter-job'

const FREE = { sizeMultiple: 8, fixedSize: null }

it.each(SCHEDULERS)('the network is called as often as the sampler does it: %s', scheduler => {
  const flow = scheduler.startsWith('flow')
  const config = flow
    ? { _class_name: 'FlowMatchEulerDiscreteScheduler' }
    : { beta_schedule: 'scaled_linear', skip_prk_steps: true } // as all published models have it
  const sampler = createModelScheduler(config, scheduler, 'model', [])
  for (const steps of [4, 7]) {
    sampler.setTimesteps({ steps })
    expect(callsOf(scheduler, steps)).toBe(sampler.timesteps.length)
  }
})

describe('the plan of a request', () => {
  it('has one pass at the size that the model renders', () => {
    const { passes } = planCost({ ...SMALL_REQUEST, width: 100, height: 120 }, { ...FREE, sizeMultiple: 64 })
    expect(passes).toEqual([{ width: 128, height: 128, calls: SMALL_REQUEST.steps }])
    expect(planCost(SMALL_REQUEST, { sizeMultiple: 8, fixedSize: [512, 768] }).passes).toEqual([
      { width: 768, height: 512, calls: SMALL_REQUEST.steps },
    ])
  })

  it('has the second pass of an enlarged picture, of as many steps as its strength lets run', () => {
    const hires = { ...HIRES_DEFAULTS, scale: 2, strength: 0.5, steps: 10 }
    expect(planCost({ ...SMALL_REQUEST, hires }, FREE).passes).toEqual([
      { width: 128, height: 96, calls: 3 },
      { width: 256, height: 192, calls: 5 },
    ])
  })

  it('tells apart what changes the price of a call, and nothing else', () => {
    const name = (changes: object) => planCost({ ...SMALL_REQUEST, ...changes }, FREE).call
    const control = { ...CONTROL_DEFAULTS, net: 'canny', image: 'a'.repeat(64) }
    const names = [{}, { guidance: 1 }, { trueGuidance: 2 }, { controls: [control] }, { controls: [control, control] }]
    expect(new Set(names.map(name)).size).toBe(names.length)
    expect(name({ steps: 50, seed: 9, prompt: 'x', scheduler: 'heun', guidance: 12 })).toBe(name({}))
  })
})

describe('a value at a size', () => {
  const measured = [
    { width: 512, height: 512, value: 1 },
    { width: 1024, height: 1024, value: 5 },
  ]

  it('is what was measured there, or on the line between two measured areas, and unknown beyond them', () => {
    expect(valueAt(measured, { width: 512, height: 512 })).toBe(1)
    expect(valueAt(measured, { width: 256, height: 1024 })).toBe(1) // the same area
    expect(valueAt(measured, { width: 640, height: 1024 })).toBeCloseTo(3)
    expect(valueAt(measured, { width: 2048, height: 1024 })).toBeNull()
    expect(valueAt(measured, { width: 256, height: 256 })).toBeNull()
    expect(valueAt([], { width: 512, height: 512 })).toBeNull()
  })

  it('never leaves what was measured around it', () => {
    const side = fc.integer({ min: 512, max: 1024 })
    fc.assert(
      fc.property(side, side, (width, height) => {
        const value = valueAt(measured, { width, height }) ?? NaN
        expect(value).toBeGreaterThanOrEqual(1)
        expect(value).toBeLessThanOrEqual(5)
      }),
    )
  })
})
