import { expect, test } from 'vitest'
import type { z } from 'zod'
import { AppError } from '#contract/errors'
import { METHODS } from '#contract/methods'
import { parseInput } from '#contract/parse'

const WRONG = [null, true, -1, 1.5, 1e300, '', 'x\u0000', 'x'.repeat(200), [], Array(20_000).fill('a'), {}, { a: 1 }]

/** Of the parser, not of a person. */
const FOREIGN_WORDS = /Invalid|expected|Too (?:small|big)|Unrecognized|undefined/

/** What the method says of every wrong value of every field that it has. */
function refusalsOf(schema: z.ZodObject): string[] {
  const fields = Object.keys(schema.shape)
  const raws = [{}, ...fields.flatMap(field => WRONG.map(value => ({ [field]: value })))]
  return raws.flatMap(raw => {
    try {
      parseInput(schema, raw)
      return []
    } catch (thrown) {
      return thrown instanceof AppError ? [thrown.message] : [String(thrown)]
    }
  })
}

test.each(Object.entries(METHODS))('what %s refuses is said in words for a person', (_, schema) => {
  const refusals = refusalsOf(schema)
  expect(refusals.filter(message => FOREIGN_WORDS.test(message))).toEqual([])
})
