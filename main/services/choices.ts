/**
 * Choices in a prompt: `{red|blue|}` takes one of the options (the empty one is an option), `__colour__` one entry of the
 * list of that name. Options and entries may hold choices again. Pure: the draws come in, so one seed gives one prompt.
 * Braces without a bar, and braces that do not close, are text.
 */
import { createHash } from 'node:crypto'
import { invalidInput, showValue } from '#contract/parse'
import { WILDCARD_IN_PROMPT } from '#contract/wildcards'

/** Name -> entries: "colour", "places/indoor". */
export type WildcardLists = ReadonlyMap<string, readonly string[]>
/** A whole number from 0 to before `count`. */
export type Draw = (count: number) => number

/** An entry that names its own list would never end. */
const MAX_DEPTH = 16
const MAX_CHOICES = 1000

/** Each of an image's texts has draws of its own, so that a change in one leaves the other. */
export type ChoiceField = 'prompt' | 'negativePrompt'

/** The draws for one image: they depend on its seed and on nothing else. */
export function choiceDraws(seed: number, field: ChoiceField): Draw {
  let drawn = 0
  return count => {
    const word = createHash('sha256').update(`${seed} ${field} ${drawn++}`).digest().readUInt32BE()
    return Math.floor((word / 2 ** 32) * count)
  }
}

export function hasChoices(text: string): boolean {
  return WILDCARD_IN_PROMPT.test(text) || findBraces(text) !== null
}

/** Throws `invalid-input` for a list that is not there or is empty, and for choices without an end. */
export function resolveChoices(text: string, lists: WildcardLists, draw: Draw, field = 'prompt'): string {
  let choices = 0

  function resolve(part: string, depth: number): string {
    let [resolved, rest] = ['', part]
    for (;;) {
      const choice = firstChoice(rest)
      if (choice === null) return resolved + rest
      if (depth === MAX_DEPTH || ++choices > MAX_CHOICES) throw endless(field, part)
      const options = choice.options ?? entriesOf(lists, choice.name, field)
      const chosen = options[draw(options.length)] ?? ''
      resolved += rest.slice(0, choice.start) + resolve(chosen, depth + 1)
      rest = rest.slice(choice.end)
    }
  }

  return resolve(text, 0)
}

interface Choice {
  start: number
  end: number
  name: string
  /** null: those of the list `name`. */
  options: string[] | null
}

function firstChoice(text: string): Choice | null {
  const braces = findBraces(text)
  const named = WILDCARD_IN_PROMPT.exec(text)
  if (named === null || (braces !== null && braces.start < named.index)) return braces
  return { start: named.index, end: named.index + named[0].length, name: named[1] ?? '', options: null }
}

/** The first "{" whose own level has a bar before its "}". */
function findBraces(text: string): Choice | null {
  for (let start = text.indexOf('{'); start !== -1; start = text.indexOf('{', start + 1)) {
    const options = optionsFrom(text, start)
    if (options !== null && options.parts.length > 1)
      return { start, end: options.end, name: '', options: options.parts }
  }
  return null
}

function optionsFrom(text: string, start: number): { parts: string[]; end: number } | null {
  const parts: string[] = []
  let [depth, from] = [0, start + 1]
  for (let i = start; i < text.length; i++) {
    const sign = text[i]
    if (sign === '{') depth++
    else if (sign === '}') depth--
    if ((sign === '|' && depth === 1) || depth === 0) {
      parts.push(text.slice(from, i))
      from = i + 1
    }
    if (depth === 0) return { parts, end: i + 1 }
  }
  return null
}

function entriesOf(lists: WildcardLists, name: string, field: string): readonly string[] {
  const entries = lists.get(name)
  if (entries !== undefined && entries.length > 0) return entries
  const names = [...lists].filter(([, list]) => list.length > 0).map(([known]) => `__${known}__`)
  const allowed = names.length === 0 ? 'no list of words is there' : `a list that is there: ${names.join(', ')}`
  throw invalidInput([{ path: field, value: `__${name}__`, allowed }])
}

function endless(field: string, part: string) {
  const allowed = `at most ${MAX_CHOICES} choices, ${MAX_DEPTH} in each other; a list may not name itself`
  return invalidInput([{ path: field, value: showValue(part), allowed }])
}
