/**
 * The brackets of a prompt, read as contract/prompt-syntax.ts reads them: round and square ones are two kinds that do not
 * see each other, a backslash makes a bracket a character, and choices stand in braces. Pure.
 */

export interface Brackets {
  /** Places of brackets without a partner, ascending. */
  unmatched: number[]
  /** Place of every bracket that has a partner -> its partner's. */
  partners: ReadonlyMap<number, number>
}

/** What a typed bracket is closed by. */
export const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }
const OPENING: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }
const SIGN = /\\[()[\]\\]|[()[\]{}]/g

export function readBrackets(text: string): Brackets {
  const open: Record<string, number[]> = { '(': [], '[': [], '{': [] }
  const partners = new Map<number, number>()
  const lonely: number[] = []
  for (const { 0: sign, index } of text.matchAll(SIGN)) {
    if (sign.startsWith('\\')) continue
    const opener = OPENING[sign]
    if (opener === undefined) open[sign]?.push(index)
    else {
      const start = open[opener]?.pop()
      if (start === undefined) lonely.push(index)
      else partners.set(start, index).set(index, start)
    }
  }
  return { unmatched: [...lonely, ...Object.values(open).flat()].toSorted((a, b) => a - b), partners }
}

/** The pair of the bracket beside the caret, the one before it first: that was typed last. */
export function pairAt({ partners }: Brackets, caret: number): [number, number] | null {
  for (const at of [caret - 1, caret]) {
    const partner = partners.get(at)
    if (partner !== undefined) return at < partner ? [at, partner] : [partner, at]
  }
  return null
}

/** What replaces a selection around which a bracket was typed, and what is selected then; null for any other key. */
export function wrapSelection(
  text: string,
  selection: { start: number; end: number },
  key: string,
): { text: string; selection: { start: number; end: number } } | null {
  const close = CLOSING[key]
  if (close === undefined || selection.start === selection.end) return null
  const { start, end } = selection
  return { text: key + text.slice(start, end) + close, selection: { start: start + 1, end: end + 1 } }
}
