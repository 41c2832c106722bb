/** Reads the words of a command line into flags and the rest. Pure; every mistake is named with flag, value and what is allowed. */
import type { InputIssue } from '#contract/errors'
import { invalidInput, showValue } from '#contract/parse'

export interface FlagSpec {
  /** Without the dashes. */
  name: string
  /** A switch takes no value; a number is a number or stays text, for its schema to refuse. */
  kind: 'text' | 'number' | 'switch'
  /** May be given several times; its values are in `lists`. */
  repeats?: true
  /** What stands for the value in the help: "N", "FILE". */
  placeholder?: string
  help: string
  /** One letter. */
  short?: string
}

export interface ParsedWords {
  flags: ReadonlyMap<string, string | number | true>
  /** Values of the flags that may repeat, in order. */
  lists: ReadonlyMap<string, readonly string[]>
  /** What is not a flag, in order. */
  rest: readonly string[]
}

/** `--flag value`, `--flag=value`, `-f value`; `--` ends the flags. Throws `invalid-input` with every mistake. */
export function parseWords(words: readonly string[], specs: readonly FlagSpec[]): ParsedWords {
  const flags = new Map<string, string | number | true>()
  const lists = new Map<string, string[]>()
  const rest: string[] = []
  const issues: InputIssue[] = []
  for (let i = 0; i < words.length; i++) {
    const word = words[i]
    if (word === '--') {
      rest.push(...words.slice(i + 1))
      break
    }
    if (!isFlag(word)) {
      rest.push(word)
      continue
    }
    const [written, attached] = splitAtEquals(word)
    const spec = specs.find(({ name, short }) => written === `--${name}` || written === `-${short}`)
    if (spec === undefined) {
      issues.push({ path: written, value: 'not a flag of this command', allowed: suggest(written, specs) })
      continue
    }
    const next = words[i + 1]
    const value = attached ?? (spec.kind === 'switch' || next === undefined || next.startsWith('--') ? undefined : next)
    if (attached === undefined && value !== undefined) i++
    const issue = findIssue(spec, value, flags)
    if (issue === null && spec.repeats === true) lists.set(spec.name, [...(lists.get(spec.name) ?? []), value ?? ''])
    else if (issue === null) flags.set(spec.name, toValue(spec, value))
    else issues.push(issue)
  }
  if (issues.length > 0) throw invalidInput(issues)
  return { flags, lists, rest }
}

/** "-5" is a value and not a flag; a lone "-" is a word. */
function isFlag(word: string): boolean {
  return /^--?[A-Za-z]/.test(word)
}

function splitAtEquals(word: string): [string, string | undefined] {
  const at = word.indexOf('=')
  return at === -1 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)]
}

function findIssue(
  { name, kind, placeholder = 'VALUE' }: FlagSpec,
  value: string | undefined,
  flags: ReadonlyMap<string, unknown>,
): InputIssue | null {
  const path = `--${name}`
  if (flags.has(name)) return { path, value: 'given twice', allowed: 'once' }
  if (kind === 'switch') return value === undefined ? null : { path, value: showValue(value), allowed: 'no value' }
  return value === undefined ? { path, value: 'without a value', allowed: `${path} ${placeholder}` } : null
}

function toValue({ kind }: FlagSpec, value: string | undefined): string | number | true {
  if (value === undefined) return true
  return kind === 'number' ? toNumber(value) : value
}

/** "7", "-1", ".5", "+2.": a number as people write it; anything else stays text, for its schema to refuse. */
export function toNumber(text: string): number | string {
  return /^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : text
}

function suggest(written: string, specs: readonly FlagSpec[]): string {
  const wanted = written.replace(/^-+/, '')
  const nearest = specs
    .map(({ name }) => ({ name, distance: editDistance(wanted, name) }))
    .sort((a, b) => a.distance - b.distance)[0]
  if (nearest !== undefined && nearest.distance <= Math.max(2, wanted.length / 3))
    return `did you mean --${nearest.name}?`
  return specs.map(({ name }) => `--${name}`).join(', ')
}

/** Levenshtein's distance: letters to insert, delete or replace. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const above = row
    row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = above[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(replaced, above[j] + 1, row[j - 1] + 1))
    }
  }
  return row[b.length]
}
