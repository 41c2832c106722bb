import { expect, test } from 'vitest'
import { PERIODS, periodOf, sinceOf } from '../../../../../renderer/features/gallery/periods.ts'

const NOW = Date.UTC(2026, 10, 24)
const HOUR = 60 * 60 * 1000

test('a period that was chosen is still shown as chosen hours later', () => {
  for (const period of PERIODS) expect(periodOf(sinceOf(period, NOW), NOW + 5 * HOUR)).toBe(period)
})

test('the last week begins seven days ago, and any time has no beginning', () => {
  expect(NOW - (sinceOf('week', NOW) ?? 0)).toBe(7 * 24 * HOUR)
  expect(sinceOf('any', NOW)).toBeUndefined()
})
