/**
 * Byte-pair encoding over bytes, as CLIP and GPT-2 do it: a word's UTF-8 bytes are written as printable characters,
 * then the adjacent pair that was learned first is joined until none is left (Sennrich et al. 2016, arXiv 1508.07909).
 */
import { AppError } from '#contract/errors'

export interface BytePairs {
  /** One word without blanks -> ids. */
  encodeWord(word: string): number[]
}

export interface BytePairTables {
  vocab: Readonly<Record<string, number>>
  /** Pairs in the order in which they were learned. */
  merges: readonly (readonly [string, string])[]
  /** Written after the last character of a word: "</w>" in CLIP. */
  endOfWord: string
  /** For characters that the vocabulary lacks. */
  unknownId: number
}

const CACHE_WORDS = 10_000

export function createBytePairs({ vocab, merges, endOfWord, unknownId }: BytePairTables): BytePairs {
  const ids = new Map(Object.entries(vocab))
  const ranks = new Map(merges.map(([left, right], rank) => [pairKey(left, right), rank]))
  const cache = new Map<string, number[]>()
  return {
    encodeWord(word) {
      const known = cache.get(word)
      if (known) return known
      const pieces = joinPairs(toPieces(word, endOfWord), ranks).map(piece => ids.get(piece) ?? unknownId)
      if (cache.size >= CACHE_WORDS) cache.clear()
      cache.set(word, pieces)
      return pieces
    },
  }
}

/** merges.txt -> pairs; a `#version` line and blank lines are not pairs. */
export function parseMerges(text: string, file: string): [string, string][] {
  return text
    .split('\n')
    .map(line => line.replace(/\r$/, ''))
    .filter((line, index) => line.trim() !== '' && !(index === 0 && line.startsWith('#version')))
    .map(line => {
      const [left, right, ...rest] = line.split(' ')
      if (left === undefined || right === undefined || rest.length > 0) {
        throw new AppError(
          'model-corrupt',
          `${file} has a line that is not two pieces with one blank between them: "${line}".`,
          {
            details: { file, line },
          },
        )
      }
      return [left, right]
    })
}

function pairKey(left: string, right: string): string {
  return `${left} ${right}` // a blank never occurs inside a piece: byte 32 is written as U+0120
}

function toPieces(word: string, endOfWord: string): string[] {
  const pieces = Array.from(new TextEncoder().encode(word), byte => BYTE_CHARACTERS[byte])
  if (pieces.length > 0) pieces[pieces.length - 1] += endOfWord
  return pieces
}

/** Every round joins the first of the pairs with the lowest rank: quadratic in the word's length, which words bear. */
function joinPairs(pieces: string[], ranks: ReadonlyMap<string, number>): string[] {
  for (;;) {
    let best = -1
    let bestRank = Infinity
    for (let i = 0; i + 1 < pieces.length; i++) {
      const rank = ranks.get(pairKey(pieces[i], pieces[i + 1]))
      if (rank !== undefined && rank < bestRank) {
        best = i
        bestRank = rank
      }
    }
    if (best < 0) return pieces
    pieces.splice(best, 2, pieces[best] + pieces[best + 1])
  }
}

/** GPT-2's table: printable Latin-1 bytes stand for themselves, the others for U+0100 and up, in order. */
const BYTE_CHARACTERS: readonly string[] = (() => {
  let next = 0x100
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174
    return String.fromCodePoint(printable ? byte : next++)
  })
})()
