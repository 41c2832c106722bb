import { expect, it } from 'vitest'
import { namesWord, withAddedWords } from '#pipeline/text/added-words'

/** One id a character, so that what goes to the old tokenizer can be seen. */
const tokenizer = { encode: (text: string) => Array.from(text, character => character.charCodeAt(0)) }
const words = [
  { spellings: ['fox-1.5', '<fox>'], ids: [1000, 1001] },
  { spellings: ['fox'], ids: [1002] },
]
const encode = (text: string) => withAddedWords(tokenizer, words).encode(text)
const plain = (text: string) => tokenizer.encode(text)

it('puts all ids of a word in its place', () => {
  expect(encode('a <fox> b')).toEqual([...plain('a '), 1000, 1001, ...plain(' b')])
})

it('finds a word in any case and behind "embedding:"', () => {
  expect(encode('FOX embedding:Fox')).toEqual([1002, ...plain(' '), 1002])
})

it('takes the longest of the words that fit', () => {
  expect(encode('fox-1.5,')).toEqual([1000, 1001, ...plain(',')])
})

it('leaves words alone that only contain one', () => {
  expect(encode('foxes firefox fox2')).toEqual(plain('foxes firefox fox2'))
})

it('changes nothing where there are no words', () => {
  expect(withAddedWords(tokenizer, [])).toBe(tokenizer)
})

it('says whether a prompt names a word', () => {
  expect(namesWord('a Fox, running', ['fox'])).toBe(true)
  expect(namesWord('foxes', ['fox'])).toBe(false)
})
