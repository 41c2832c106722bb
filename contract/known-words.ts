/**
 * What a closed-vocabulary model understands, asked word by word. Knows nothing of any particular model: the words and
 * phrases come from the model's own list, and small words that only join others are never complained about.
 */
import type { KnownWords } from './models.ts'

export interface Word {
  text: string
  start: number
  end: number
}

export interface Lexicon {
  /** Every single word of every entry, in lower case. */
  words: ReadonlySet<string>
  /** The entries as they are written, then the words inside longer ones: what can be suggested. */
  candidates: readonly string[]
}

/** Words that join others; a prompt without them reads the same to the model. */
const JOINING = new Set(
  'a an the of and or with without in on at to from by for over under near beside between into its his her their some is are as'.split(
    ' ',
  ),
)
const WORD = /(?<!__)(?<![\p{L}\p{N}])[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu
const MAX_SUGGESTIONS = 3
/** Words that begin with so many equal letters are related often enough. */
const AKIN_LETTERS = 4

/** The words of the model's own examples count as known: they say what it can do. */
export function createLexicon(known: KnownWords, examples: readonly string[] = []): Lexicon {
  const entries = Object.values(known).flat()
  const inside = entries.flatMap(textsOf)
  const candidates = [...new Set([...entries, ...inside.filter(word => !JOINING.has(word.toLowerCase()))])]
  return { candidates, words: new Set([...inside, ...examples.flatMap(textsOf)].map(word => word.toLowerCase())) }
}

function textsOf(text: string): string[] {
  return splitWords(text).map(word => word.text)
}

/** The words of a prompt with their places; numbers, weights and `__wildcards__` are no words. */
export function splitWords(text: string): Word[] {
  return [...text.matchAll(WORD)]
    .map(match => ({ text: match[0], start: match.index, end: match.index + match[0].length }))
    .filter(word => /^\p{L}/u.test(word.text) && word.text !== 'BREAK')
}

export function findUnknownWords(text: string, lexicon: Lexicon): Word[] {
  return splitWords(text).filter(word => !isKnown(word.text, lexicon))
}

export function isKnown(word: string, lexicon: Lexicon): boolean {
  const lower = word.toLowerCase().replaceAll('’', "'")
  if (JOINING.has(lower) || baseForms(lower).some(form => lexicon.words.has(form))) return true
  const parts = lower.split(/['-]/u)
  return parts.length > 1 && parts.every(part => part.length < 2 || isKnown(part, lexicon))
}

/** The word itself and what it may be the plural or possessive of. */
function baseForms(word: string): string[] {
  const forms = [word]
  if (word.endsWith("'s")) forms.push(word.slice(0, -2))
  if (word.endsWith('s')) forms.push(word.slice(0, -1))
  if (word.endsWith('es')) forms.push(word.slice(0, -2))
  if (word.endsWith('ies')) forms.push(`${word.slice(0, -3)}y`)
  if (word.endsWith('ves')) forms.push(`${word.slice(0, -3)}f`, `${word.slice(0, -3)}fe`)
  forms.push(`${word}s`) // a list that has only "grapes" or "cherries" also knows one of them
  if (word.endsWith('y')) forms.push(`${word.slice(0, -1)}ies`)
  return forms
}

/** Entries that look like the word: begun the same, containing it, or a typing slip away. Best first. */
export function suggestWords(word: string, lexicon: Lexicon): string[] {
  const lower = word.toLowerCase()
  return lexicon.candidates
    .map(entry => ({ entry, distance: likeness(lower, entry.toLowerCase()) }))
    .filter(({ distance }) => distance <= 1)
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, MAX_SUGGESTIONS)
    .map(({ entry }) => entry)
}

/** 0 is the same, 1 the furthest that is still worth showing. */
function likeness(word: string, entry: string): number {
  const slips = editDistance(word, entry) / Math.max(1, Math.floor(Math.max(word.length, entry.length) / 3))
  const isAkin = commonStart(word, entry) >= AKIN_LETTERS
  const isPart = word.length > 2 && entry.length > 2 && (entry.includes(word) || word.includes(entry))
  return Math.min(slips, isPart ? 0.9 : Number.POSITIVE_INFINITY, isAkin ? 1 : Number.POSITIVE_INFINITY)
}

function commonStart(a: string, b: string): number {
  let length = 0
  while (length < Math.min(a.length, b.length) && a[length] === b[length]) length += 1
  return length
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let older: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (older[j - 2] ?? 0) + 1)
      row.push(best)
    }
    older = previous
    previous = row
  }
  return previous[b.length] ?? 0
}
