import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyWeights } from '#pipeline/text/token-weights'

const finite = fc.float({ min: Math.fround(-4), max: 4, noNaN: true })

function mean(values: Iterable<number>): number {
  const all = [...values]
  return all.reduce((sum, value) => sum + value, 0) / all.length
}

describe('weights of words', () => {
  it('leave the states alone where all are 1', () => {
    const states = { dims: [1, 2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }
    expect(applyWeights(states, null)).toBe(states)
  })

  it('multiply a token and then bring the mean of the window back', () => {
    const states = { dims: [1, 2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }
    const { data } = applyWeights(states, [1, 2])
    const scale = 21 / 36 // sum before / sum after
    expect([...data].map(value => Number(value.toFixed(5)))).toEqual(
      [1, 2, 3, 8, 10, 12].map(value => Number((value * scale).toFixed(5))),
    )
  })

  it('keep the mean of any window', () => {
    fc.assert(
      fc.property(
        fc.array(finite, { minLength: 12, maxLength: 12 }),
        fc.array(fc.float({ min: Math.fround(0.1), max: 2, noNaN: true }), { minLength: 4, maxLength: 4 }),
        (values, weights) => {
          const data = Float32Array.from(values)
          const weighted = values.map((value, i) => value * (weights[Math.floor(i / 3)] ?? 1))
          fc.pre(Math.abs(mean(weighted)) > 0.01) // the formula divides by it
          const result = applyWeights({ dims: [1, 4, 3], data }, weights)
          expect(mean(result.data)).toBeCloseTo(mean(data), 3)
        },
      ),
    )
  })

  it('of zero everywhere give zeros and not a division by zero', () => {
    const { data } = applyWeights({ dims: [1, 1, 2], data: Float32Array.of(1, 2) }, [0])
    expect([...data]).toEqual([0, 0])
  })
})
