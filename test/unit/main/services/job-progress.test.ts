import { expect, test } from 'vitest'
import { advance, median, startProgress } from '#services/job-progress'

test('the time left is the median step times the steps of this picture and of those behind it', () => {
  let progress = startProgress(0, 10)
  expect(progress.shown.secondsLeft).toBeNull()
  for (const [step, stepMs] of [
    [1, 900],
    [2, 100],
    [3, 100],
  ]) {
    progress = advance(progress, { type: 'step', image: 0, step, steps: 10, stepMs }, 2)
  }
  expect(progress.shown).toEqual({ phase: 'denoising', image: 0, step: 3, steps: 10, secondsLeft: 0.1 * (7 + 20) })
})

test('a phase of the next picture begins its steps at 0, one of the same picture keeps them', () => {
  const stepped = advance(startProgress(0, 4), { type: 'step', image: 0, step: 4, steps: 4, stepMs: 1 }, 1)
  expect(advance(stepped, { type: 'phase', image: 0, phase: 'decoding' }, 1).shown).toMatchObject({ step: 4, image: 0 })
  expect(advance(stepped, { type: 'phase', image: 1, phase: 'denoising' }, 0).shown).toMatchObject({
    step: 0,
    image: 1,
  })
})

test('the median of an even count lies between the two in the middle', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5)
  expect(median([5])).toBe(5)
})
