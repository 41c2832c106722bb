import { expect, test } from 'vitest'
import { z } from 'zod'
import { invalidInput, parseInput, showValue } from '#contract/parse'

const schema = z.strictObject({
  size: z.number().optional(),
  cells: z.array(z.strictObject({ row: z.int(), name: z.string().optional() })).optional(),
})

test.each([
  [{ colour: 'red' }, 'colour', 'no such field, but size, cells'],
  [{ cells: [{ row: 1, colour: 'red' }] }, 'cells.0.colour', 'no such field, but row, name'],
])('an unknown field is told with those that there are, %j', (raw, path, allowed) => {
  expect(() => parseInput(schema, raw)).toThrow(
    expect.objectContaining({ issues: [{ path, value: '"red"', allowed }] }) as Error,
  )
})

test('a value that is nested deeper than the stack is refused like any other', () => {
  const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000))
  expect(() => parseInput(schema, { size: deep })).toThrow('size is a list; allowed: a number.')
})

test('of a hundred thousand unknown fields the first ones are told', () => {
  const raw = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, i]))
  expect(() => parseInput(schema, raw)).toThrow(
    expect.objectContaining({
      issues: expect.toSatisfy((issues: unknown[]) => issues.length === 20) as unknown,
    }) as Error,
  )
})

test('a long text is never cut through the middle of a character', () => {
  expect(showValue('x' + '🦊'.repeat(100))).not.toMatch(/[\ud800-\udbff]…/)
  expect(showValue('🦊'.repeat(100))).not.toMatch(/[\ud800-\udbff]…/)
})

test('what is allowed ends its sentence itself where it is a question', () => {
  const issue = { path: '--stepz', value: 'not a flag of this command', allowed: 'did you mean --steps?' }
  expect(invalidInput([issue]).message).toBe('--stepz is not a flag of this command; allowed: did you mean --steps?')
})
