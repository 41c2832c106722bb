import { expect, test } from 'vitest'
import { formatNumber, parseNumber, stepNumber } from '../../../../renderer/ui/number-text.ts'

test('a number is written and read in the language of the user', () => {
  expect(formatNumber(7.5, 'de', 2)).toBe('7,5')
  expect(formatNumber(1234, 'en', 0)).toBe('1234')
  expect([parseNumber('7,5'), parseNumber(' 7.5 '), parseNumber('.5'), parseNumber('-3')]).toEqual([7.5, 7.5, 0.5, -3])
})

test('what is no number is NaN and never a silent zero', () => {
  for (const text of ['', 'abc', '1e9', '1.2.3', '1,000.5', '--1', '0x10']) expect(parseNumber(text)).toBeNaN()
})

test('a step lands on the next multiple, stays in the range and makes no crumbs', () => {
  const size = { min: 64, max: 512, step: 8 }
  expect(stepNumber(100, 1, size)).toBe(104)
  expect(stepNumber(100, -1, size)).toBe(96)
  expect(stepNumber(104, 10, size)).toBe(184)
  expect(stepNumber(64, -1, size)).toBe(64)
  expect(stepNumber(Number.NaN, 1, size)).toBe(72)
  expect(stepNumber(0.2, 1, { min: 0, max: 1, step: 0.1 })).toBe(0.3)
})
