/** Completion of `__name__`: which part of a prompt is such a name that is not finished yet. Pure. */
import { WILDCARD_IN_PROMPT } from '#contract/wildcards'

export interface OpenName {
  /** Of the two underlines. */
  start: number
  /** Behind them, as far as it is written. */
  written: string
}

const FINISHED = new RegExp(WILDCARD_IN_PROMPT.source, 'gu')
const BEGUN = /__([\p{L}\p{N}_./-]*)$/u
const SHOWN = 8

/** The name that is being written at the caret; null where there is none. */
export function openNameAt(text: string, caret: number): OpenName | null {
  // A finished name ends in two underlines too.
  const before = text.slice(0, caret).replaceAll(FINISHED, whole => ' '.repeat(whole.length))
  const begun = BEGUN.exec(before)
  return begun === null ? null : { start: begun.index, written: begun[1] ?? '' }
}

/** Names that contain what is written; those that begin with it first. */
export function fittingNames(names: readonly string[], written: string): string[] {
  const part = written.toLowerCase()
  const begins = (name: string) => Number(!name.toLowerCase().startsWith(part))
  return names
    .filter(name => name.toLowerCase().includes(part))
    .toSorted((a, b) => begins(a) - begins(b))
    .slice(0, SHOWN)
}
