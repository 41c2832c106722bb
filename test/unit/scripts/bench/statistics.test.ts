import { describe, expect, it } from 'vitest'
import { median, round } from '../../../../scripts/bench/statistics.ts'

describe('the numbers of a series', () => {
  it('are its middle, or the mean of the two middle ones, and the series stays as it was', () => {
    const series = [10, 1, 3]
    expect(median(series)).toBe(3)
    expect(median([4, 1, 3, 2])).toBe(2.5)
    expect(series).toEqual([10, 1, 3])
  })

  it('sort as numbers, not as words', () => {
    expect(median([100, 9, 20])).toBe(20)
  })

  it('do not exist for an empty series', () => {
    expect(() => median([])).toThrow(RangeError)
  })

  it('are rounded to four significant digits, small ones too', () => {
    expect([1.00049, 12345.6, 0.000123456].map(round)).toEqual([1, 12350, 0.0001235])
  })
})
