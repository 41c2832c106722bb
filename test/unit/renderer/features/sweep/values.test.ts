import { expect, test } from 'vitest'
import { parseNumbers, parseWords } from '../../../../../renderer/features/sweep/values.ts'

test.each([
  ['1, 2,3', [1, 2, 3]],
  ['1-10 (+2)', [1, 3, 5, 7, 9]],
  ['10-1 (-3)', [10, 7, 4, 1]],
  ['3-5', [3, 4, 5]],
  ['5-3', [5, 4, 3]],
  ['0-1 (+0.1)', [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]],
  ['1-10 [4]', [1, 4, 7, 10]],
  ['7-9 [1]', [7]],
  ['.5, 0.50, 1,', [0.5, 1]],
  ['', []],
])('"%s" are the numbers %j', (text, values) => {
  expect(parseNumbers(text)).toEqual({ ok: true, values })
})

test.each(['a', '1-10 (+0)', '1-2-3', '1-9 [0]', '-4', '1-100000000', '1 2'])(
  '"%s" is refused by its own words',
  wrong => {
    expect(parseNumbers(`3, ${wrong}`)).toEqual({ ok: false, wrong })
  },
)

test('words are split at commas outside of quotes, each once', () => {
  expect(parseWords('fox, "red, round" ,fox,  cat')).toEqual(['fox', 'red, round', 'cat'])
  expect(parseWords('fox, ""')).toEqual(['fox', ''])
  expect(parseWords('"say ""hi"""')).toEqual(['say "hi"'])
  expect(parseWords('')).toEqual([])
})
