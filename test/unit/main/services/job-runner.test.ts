import fc from 'fast-check'
import { expect, test } from 'vitest'
import { missingRanges } from '#services/job-runner'

test('the ranges are exactly the missing images, in order, and as few as can be', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 30 }), fc.array(fc.integer({ min: 0, max: 29 })), (images, done) => {
      const finished = new Set(done)
      const ranges = missingRanges(images, finished)
      const covered = ranges.flatMap(({ first, count }) => Array.from({ length: count }, (_, i) => first + i))
      expect(covered).toEqual(Array.from({ length: images }, (_, i) => i).filter(i => !finished.has(i)))
      for (const { first } of ranges.slice(1)) expect(finished.has(first - 1)).toBe(true)
    }),
  )
})
