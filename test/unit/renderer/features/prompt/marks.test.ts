import { expect, test } from 'vitest'
import { markedPieces } from '../../../../../renderer/features/prompt/marks.ts'

test('a text is cut at its marks, in the order of the text, and nothing of it is lost', () => {
  const pieces = markedPieces('(a foxx', [
    { start: 3, end: 7, kind: 'unknown' },
    { start: 0, end: 1, kind: 'wrong' },
  ])
  expect(pieces).toEqual([
    { text: '(', kind: 'wrong' },
    { text: 'a ', kind: null },
    { text: 'foxx', kind: 'unknown' },
    { text: '\n', kind: null },
  ])
})

test('a mark of a text that has become shorter, or under another mark, is left out', () => {
  const marks = [
    { start: 0, end: 3, kind: 'unknown' as const },
    { start: 1, end: 2, kind: 'pair' as const },
    { start: 5, end: 9, kind: 'unknown' as const },
  ]
  expect(markedPieces('abc', marks)).toEqual([
    { text: 'abc', kind: 'unknown' },
    { text: '\n', kind: null },
  ])
})
