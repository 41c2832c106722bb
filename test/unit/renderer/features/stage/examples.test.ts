import { expect, test } from 'vitest'
import { aModel } from '#test/page-stores'
import { examplePrompts } from '../../../../../renderer/features/stage/examples.ts'

test("a model's own examples come first", () => {
  expect(examplePrompts(aModel({ examples: ['a red apple'], knownWords: { nouns: ['dog'] } }))).toEqual(['a red apple'])
})

test('without examples, things are put into places with the words that the model knows', () => {
  const knownWords = { colours: ['red'], nouns: ['owl', 'dog', 'cat'], scenes: ['at night', 'in the sky'] }
  expect(examplePrompts(aModel({ knownWords }))).toContain('an owl at night')
})

test('a model with an open vocabulary and no examples invites with nothing', () => {
  expect(examplePrompts(aModel())).toEqual([])
  expect(examplePrompts(null)).toEqual([])
})
