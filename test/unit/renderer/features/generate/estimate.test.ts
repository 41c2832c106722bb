import { expect, test } from 'vitest'
import { aJob, aRequest } from '#test/page-stores'
import { estimateSeconds } from '../../../../../renderer/features/generate/estimate.ts'

const done = (seconds: number, changes = {}) =>
  aJob({ state: 'done', startedAt: 0, finishedAt: seconds * 1000, request: aRequest({ steps: 10, ...changes }) })

test('an estimate scales the median of like jobs to steps and images', () => {
  const finished = [done(1), done(100), done(1.2)]
  expect(estimateSeconds(aRequest({ steps: 20, images: 4 }), finished)).toBeCloseTo(1.2 * 2 * 4)
})

test('another model, size or unguided run says nothing', () => {
  const finished = [done(1, { model: 'other' }), done(1, { width: 64 }), done(1, { guidance: 1 })]
  expect(estimateSeconds(aRequest(), finished)).toBeNull()
  expect(estimateSeconds(aRequest(), [{ ...done(1), state: 'cancelled' }])).toBeNull()
})
