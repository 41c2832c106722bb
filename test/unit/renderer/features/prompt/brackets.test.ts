import { describe, expect, test } from 'vitest'
import { pairAt, readBrackets, wrapSelection } from '../../../../../renderer/features/prompt/brackets.ts'

describe('readBrackets', () => {
  test('finds the partner of every bracket, however deep', () => {
    const { unmatched, partners } = readBrackets('a ((red) [fox]:1.2) {x|y}')
    expect(unmatched).toEqual([])
    expect(partners.get(2)).toBe(18)
    expect(partners.get(3)).toBe(7)
    expect(partners.get(13)).toBe(9)
    expect(partners.get(20)).toBe(24)
  })

  test('marks a bracket that is never closed and one that was never opened', () => {
    expect(readBrackets('(a fox').unmatched).toEqual([0])
    expect(readBrackets('a) fox ] [').unmatched).toEqual([1, 7, 9])
    expect(readBrackets('((a)').unmatched).toEqual([0])
  })

  test('round and square brackets may cross, as the syntax allows', () => {
    expect(readBrackets('(a [b) c]').unmatched).toEqual([])
  })

  test('a bracket behind a backslash is a character, one behind two is a bracket', () => {
    expect(readBrackets('a \\(smiling\\) fox').unmatched).toEqual([])
    expect(readBrackets('\\\\(').unmatched).toEqual([2])
  })
})

describe('pairAt', () => {
  const brackets = readBrackets('(a)(b)')
  test('is the pair of the bracket before the caret, else of the one behind it', () => {
    expect(pairAt(brackets, 3)).toEqual([0, 2])
    expect(pairAt(brackets, 0)).toEqual([0, 2])
    expect(pairAt(brackets, 6)).toEqual([3, 5])
  })
  test('is null away from any bracket, and at one without a partner', () => {
    expect(pairAt(readBrackets('(abc)'), 3)).toBeNull()
    expect(pairAt(readBrackets('(abc'), 1)).toBeNull()
  })
})

describe('wrapSelection', () => {
  test('puts the typed bracket around what is selected and keeps it selected', () => {
    expect(wrapSelection('a red fox', { start: 2, end: 5 }, '(')).toEqual({
      text: '(red)',
      selection: { start: 3, end: 6 },
    })
    expect(wrapSelection('a b', { start: 2, end: 3 }, '{')?.text).toBe('{b}')
  })
  test('leaves other keys, and a bare caret, to the field', () => {
    expect(wrapSelection('a', { start: 0, end: 1 }, ')')).toBeNull()
    expect(wrapSelection('a', { start: 1, end: 1 }, '(')).toBeNull()
  })
})
