/**
 * What is typed for an axis of a grid -> its values: numbers (`1, 2, 3`), ranges (`1-10 (+2)`: steps of two; `1-10 [4]`:
 * four of them evenly spread), and words separated by commas, in quotes where they have commas themselves. Pure.
 */

export type Parsed<T> = { ok: true; values: T[] } | { ok: false; wrong: string }

/** More than any grid may have; a range such as 1-1000000 must not fill the memory while it is typed. */
const MOST = 1000
const NUMBER = String.raw`\d*\.?\d+`
const SINGLE = new RegExp(`^${NUMBER}$`)
const RANGE = new RegExp(
  String.raw`^(${NUMBER})\s*-\s*(${NUMBER})\s*(?:\(\s*([+-]?)(${NUMBER})\s*\)|\[\s*(\d+)\s*\])?$`,
)
/** Digits behind the point that a sum of decimal steps keeps: 0.1 + 0.2 is 0.3 here. */
const DECIMALS = 6

export function parseNumbers(text: string): Parsed<number> {
  const values: number[] = []
  for (const part of text.split(',').map(item => item.trim())) {
    if (part === '') continue
    const found = SINGLE.test(part) ? [Number(part)] : readRange(part)
    if (found === null || values.length + found.length > MOST) return { ok: false, wrong: part }
    values.push(...found)
  }
  return { ok: true, values: [...new Set(values)] }
}

function readRange(part: string): number[] | null {
  const match = RANGE.exec(part)
  if (match === null) return null
  const [first, last] = [Number(match[1]), Number(match[2])]
  if (match[5] !== undefined) return spread(first, last, Number(match[5]))
  const step = match[4] === undefined ? 1 : Number(match[4])
  if (step === 0) return null
  const count = Math.floor(Math.abs(last - first) / step + 1e-9) + 1
  const direction = last < first ? -1 : 1
  return count > MOST ? null : Array.from({ length: count }, (_, i) => round(first + i * step * direction))
}

function spread(first: number, last: number, count: number): number[] | null {
  if (count < 1 || count > MOST) return null
  if (count === 1) return [first]
  return Array.from({ length: count }, (_, i) => round(first + ((last - first) * i) / (count - 1)))
}

function round(value: number): number {
  return Number(value.toFixed(DECIMALS))
}

export function parseWords(text: string): string[] {
  const words: string[] = []
  for (const match of text.matchAll(/\s*(?:"((?:[^"]|"")*)"|([^,]*))\s*(?:,|$)/g)) {
    const word = match[1] === undefined ? (match[2] ?? '').trim() : match[1].replaceAll('""', '"')
    if (match[1] !== undefined || word !== '') words.push(word)
  }
  return [...new Set(words)]
}
