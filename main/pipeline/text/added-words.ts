/**
 * Words that textual inversion added to a text encoder (Gal et al. 2022, arXiv 2208.01618): one word of a prompt is several
 * new ids. A word is found whole and in any case; "<fox>" as it stands; "embedding:fox" is another program's way to write it.
 */
import type { AddedWord } from '../model-files.ts'
import type { Tokenizer } from './clip-tokenizer.ts'

/** The same tokenizer for everything between the words. */
export function withAddedWords<T extends Pick<Tokenizer, 'encode'>>(tokenizer: T, words: readonly AddedWord[]): T {
  if (words.length === 0) return tokenizer
  const ids = new Map(
    words.flatMap(word => word.spellings.map(spelling => [spelling.toLowerCase(), word.ids] as const)),
  )
  const pattern = new RegExp(`(${wordPattern([...ids.keys()])})`, 'giu')
  return {
    ...tokenizer,
    encode: text =>
      text.split(pattern).flatMap((piece, i) => {
        if (i % 2 === 0) return tokenizer.encode(piece)
        return ids.get(piece.toLowerCase().replace(/^embedding:/, '')) ?? []
      }),
  }
}

/** Whether a prompt names one of these. */
export function namesWord(text: string, spellings: readonly string[]): boolean {
  return new RegExp(wordPattern(spellings), 'iu').test(text)
}

/** The longest first; no group of its own, as text is split by it. */
function wordPattern(spellings: readonly string[]): string {
  const sorted = [...spellings].sort((a, b) => b.length - a.length)
  const either = sorted.map(spelling => (isBracketed(spelling) ? RegExp.escape(spelling) : wholeWord(spelling)))
  return either.join('|')
}

function wholeWord(spelling: string): string {
  return `(?<![\\p{L}\\p{N}_])(?:embedding:)?${RegExp.escape(spelling)}(?![\\p{L}\\p{N}_])`
}

function isBracketed(spelling: string): boolean {
  return spelling.startsWith('<') && spelling.endsWith('>')
}
