import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeLeastStrength, firstStepOf } from '#contract/strength'

describe('firstStepOf', () => {
  it('runs all steps at strength 1 and none at 0', () => {
    for (const rounding of ['down', 'up'] as const) {
      expect(firstStepOf(20, 1, rounding)).toBe(0)
      expect(firstStepOf(20, 0, rounding)).toBe(20)
    }
  })

  it('never runs fewer steps rounded up than rounded down, and at most one more', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.double({ min: 0, max: 1, noNaN: true }), (steps, strength) => {
        const more = firstStepOf(steps, strength, 'down') - firstStepOf(steps, strength, 'up')
        expect([0, 1]).toContain(more)
      }),
    )
  })
})

it('the least strength that is named runs a step, and a hundredth less runs none', () => {
  for (const steps of [1, 2, 3, 7, 20, 50, 99]) {
    const least = Number(/[\d.]+/.exec(describeLeastStrength(steps))?.[0])
    expect(firstStepOf(steps, least, 'down')).toBeLessThan(steps)
    expect(firstStepOf(steps, least - 0.01, 'down')).toBe(steps)
  }
})
