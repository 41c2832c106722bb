import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AppError } from '#contract/errors'
import { editDistance, parseWords, type FlagSpec } from '#hosts/cli/flags'

const SPECS: FlagSpec[] = [
  { name: 'steps', kind: 'number', placeholder: 'N', help: '' },
  { name: 'out', short: 'o', kind: 'text', placeholder: 'FILE', help: '' },
  { name: 'json', kind: 'switch', help: '' },
]

function parse(...words: string[]) {
  const { flags, rest } = parseWords(words, SPECS)
  return { flags: Object.fromEntries(flags), rest }
}

function issues(...words: string[]) {
  try {
    parse(...words)
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown.issues
  }
  return []
}

test('flags and words may stand in any order, with a space or an equals sign', () => {
  expect(parse('a', '--steps', '5', 'b', '--out=x=y.png', '--json')).toEqual({
    flags: { steps: 5, out: 'x=y.png', json: true },
    rest: ['a', 'b'],
  })
  expect(parse('-o', 'x.png').flags).toEqual({ out: 'x.png' })
})

test('everything behind -- is a word, also what looks like a flag', () => {
  expect(parse('--json', '--', '--steps', '--')).toEqual({ flags: { json: true }, rest: ['--steps', '--'] })
})

test('a negative number is a value and not a flag', () => {
  expect(parse('--steps', '-1').flags).toEqual({ steps: -1 })
  expect(parse('-5').rest).toEqual(['-5'])
})

test.each([
  ['.5', 0.5],
  ['5.', 5],
  ['+5', 5],
  ['-0.25', -0.25],
])('%s is a number as people write it', (text, value) => {
  expect(parse(`--steps=${text}`).flags).toEqual({ steps: value })
})

test.each(['1e9', '0x10', '', '.', '-', '+.', ' 5', '5 ', '1_000', '1.2.3', 'NaN', 'Infinity', '٣'])(
  'only decimal digits are a number; %j stays text for its schema to refuse',
  text => {
    expect(parse(`--steps=${text}`).flags).toEqual({ steps: text })
  },
)

test('every mistake is named at once', () => {
  expect(issues('--stepz', '--json=1', '--out')).toEqual([
    { path: '--stepz', value: 'not a flag of this command', allowed: 'did you mean --steps?' },
    { path: '--json', value: '"1"', allowed: 'no value' },
    { path: '--out', value: 'without a value', allowed: '--out FILE' },
  ])
  expect(issues('--colour', 'red')).toEqual([
    { path: '--colour', value: 'not a flag of this command', allowed: '--steps, --out, --json' },
  ])
})

test('a value that begins with one dash is taken, one with two dashes is the next flag', () => {
  expect(parse('--out', '-x.png').flags).toEqual({ out: '-x.png' })
  expect(issues('--out', '--json')).toHaveLength(1)
})

test('the edit distance is a distance', () => {
  const word = fc.string({ maxLength: 8 })
  fc.assert(
    fc.property(word, word, word, (a, b, c) => {
      expect(editDistance(a, a)).toBe(0)
      expect(editDistance(a, b)).toBe(editDistance(b, a))
      expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c))
    }),
  )
  expect(editDistance('kitten', 'sitting')).toBe(3)
})
