import { expect, it } from 'vitest'
import { parseWords } from '#hosts/cli/flags'
import { LORA_FLAGS, readLoras } from '#hosts/cli/lora-flags'

const read = (...words: string[]) =>
  readLoras(
    parseWords(
      words.flatMap(word => ['--lora', word]),
      LORA_FLAGS,
    ),
  ).loras

it('each --lora is a name, with a weight behind the last colon', () => {
  expect(read('detail:0.8', 'a: b', 'style', 'less:-.5')).toEqual([
    { name: 'detail', weight: 0.8 },
    { name: 'a: b' },
    { name: 'style' },
    { name: 'less', weight: -0.5 },
  ])
  expect(read()).toBeUndefined()
})

it.each(['detail:40', ''])('a weight beyond the limits or no name is refused: "%s"', words => {
  expect(() => read(words)).toThrow(/--lora is .*; allowed: NAME or NAME:WEIGHT with a weight from -4 to 4/)
})
