/**
 * Raises and lowers the weight of what is selected, in the syntax that prompts have: `(text:1.1)`. Pure: text and
 * selection in, the replacement and the new selection out.
 */
import type { FieldEdit } from './edit-field.ts'

export const WEIGHT_STEP = 0.1
const WEIGHT = { min: 0.1, max: 2 } as const
const NEUTRAL = 1
/** `(inner:1.2)` without parentheses inside: the innermost group around a place. */
const WEIGHTED = /\(([^()]*):(\d*\.?\d+)\)/g
const WORD_CHARACTER = /[\p{L}\p{N}_'’-]/u

/** null where there is no word to weigh. */
export function changeWeight(text: string, selection: { start: number; end: number }, by: number): FieldEdit | null {
  const group = findGroup(text, selection)
  if (group !== null) return replace(group.start, group.end, group.inner, group.weight + by)
  const { start, end } = selection.start === selection.end ? wordAt(text, selection.start) : trim(text, selection)
  return start === end ? null : replace(start, end, text.slice(start, end), NEUTRAL + by)
}

function replace(start: number, end: number, inner: string, weight: number): FieldEdit {
  const bounded = Math.min(Math.max(Number(weight.toFixed(2)), WEIGHT.min), WEIGHT.max)
  const isNeutral = bounded === NEUTRAL
  const from = isNeutral ? start : start + 1
  return {
    start,
    end,
    text: isNeutral ? inner : `(${inner}:${bounded})`,
    selection: { start: from, end: from + inner.length },
  }
}

function findGroup(text: string, selection: { start: number; end: number }) {
  for (const match of text.matchAll(WEIGHTED)) {
    const [whole, inner = '', weight = ''] = match
    const end = match.index + whole.length
    if (match.index <= selection.start && selection.end <= end) {
      return { start: match.index, end, inner, weight: Number(weight) }
    }
  }
  return null
}

function wordAt(text: string, at: number): { start: number; end: number } {
  let [start, end] = [at, at]
  while (start > 0 && WORD_CHARACTER.test(text.charAt(start - 1))) start -= 1
  while (end < text.length && WORD_CHARACTER.test(text.charAt(end))) end += 1
  return { start, end }
}

/** A selection made by double click takes the space behind the word along. */
function trim(text: string, { start, end }: { start: number; end: number }): { start: number; end: number } {
  const selected = text.slice(start, end)
  const from = start + selected.length - selected.trimStart().length
  return { start: from, end: Math.max(from, start + selected.trimEnd().length) }
}
