import { expect, test } from 'vitest'
import { z } from 'zod'
import { parseInput } from '#contract/parse'

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
