import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createLexicon, editDistance, findUnknownWords, suggestWords } from '#contract/known-words'
import { knownWordsSchema } from '#contract/models'

const lexicon = createLexicon({
  nouns: ['dog', 'palm tree', 'ice cream', 'butterfly', 'wolf', 'grapes', 'cherries', 'fox', 'snowman'],
  colours: ['red', 'blue'],
  scenes: ['in the snow', 'at night'],
})
const unknown = (text: string) => findUnknownWords(text, lexicon).map(word => word.text)

describe('unknown words', () => {
  test.each([
    'a red dog in the snow',
    'A RED Dog, at night.',
    'some dogs and the wolves with butterflies',
    'a grape and a cherry',
    "the dog's palm tree",
    'ice-cream dog',
    '(red dog:1.3) [blue] {fox|wolf} 4 512x512 BREAK __colour__ fox',
  ])('nothing is wrong with "%s"', text => expect(unknown(text)).toEqual([]))

  test('are found with their places, in any script', () => {
    expect(findUnknownWords('a red Hund, 犬', lexicon)).toEqual([
      { text: 'Hund', start: 6, end: 10 },
      { text: '犬', start: 12, end: 13 },
    ])
  })

  test('are none in what the model shows as its own examples', () => {
    const own = createLexicon({ nouns: ['apple'] }, ['an apple on a blue background'])
    expect(findUnknownWords('a blue background, a green one', own).map(word => word.text)).toEqual(['green', 'one'])
  })

  test('are none in the words that a shipped model lists itself', () => {
    const file = new URL('../../../models/starter/known_words.json', import.meta.url)
    const known = knownWordsSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
    const own = createLexicon(known)
    expect(findUnknownWords(Object.values(known).flat().join(', '), own)).toEqual([])
  })
})

describe('suggestions', () => {
  test.each([
    ['foxx', 'fox'],
    ['nigth', 'night'],
    ['snowboarder', 'snowman'],
    ['tree', 'tree'],
    ['buterfly', 'butterfly'],
  ])('%s leads to %s', (word, wanted) => expect(suggestWords(word, lexicon)).toContain(wanted))

  test('are none for a word that looks like nothing the model knows', () => {
    expect(suggestWords('xylophone', lexicon)).toEqual([])
  })

  test('count a swap of neighbours as one slip', () => {
    expect(editDistance('night', 'nigth')).toBe(1)
    expect(editDistance('fox', 'foxes')).toBe(2)
    expect(editDistance('', 'abc')).toBe(3)
  })
})
