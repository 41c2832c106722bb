/**
 * Turns unknown data into typed data or into an `invalid-input` error that names every wrong field, the value found
 * there and what is allowed. All borders (CLI flags, HTTP bodies, IPC, engine messages, settings file) parse with it.
 */
import { z } from 'zod'
import { AppError, type InputIssue } from './errors.ts'

const SHOWN_VALUE_CHARS = 80
/** A request with a hundred thousand unknown fields is told of the first ones, or its answer would be 60 MB. */
const MOST_ISSUES = 20

/**
 * raw -> T, or throws `invalid-input` whose message is readable on its own.
 * `path` prefixes the field names ("settings.theme").
 */
export function parseInput<T>(schema: z.ZodType<T>, raw: unknown, path = ''): T {
  const result = schema.safeParse(raw)
  if (result.success) return result.data
  const issues = new Map<string, InputIssue>()
  for (const issue of result.error.issues.slice(0, MOST_ISSUES).flatMap(i => toInputIssues(i, schema, raw, path))) {
    if (!issues.has(issue.path)) issues.set(issue.path, issue) // one field can break several checks; its sentence is the same
  }
  throw invalidInput([...issues.values()].slice(0, MOST_ISSUES))
}

/** An `invalid-input` error for one or more fields; also for checks that a schema cannot express. */
export function invalidInput(issues: InputIssue[]): AppError {
  const message = issues
    .map(i => ended(`${i.path === '' ? 'The request' : i.path} is ${i.value}; allowed: ${i.allowed}`))
    .join(' ')
  return new AppError('invalid-input', message, { issues })
}

/** As a sentence: with a full stop, where it has no end of its own. */
export function ended(text: string): string {
  return /[.?!…]$/.test(text) ? text : `${text}.`
}

/** A value as it may be shown in a message: JSON, cut to a length that fits on a line. */
export function showValue(value: unknown): string {
  if (value === undefined) return 'missing'
  if (typeof value === 'number') return String(value) // JSON would turn NaN and Infinity into null
  if (typeof value === 'bigint') return `${value}n`
  const text = toText(value)
  if (text.length <= SHOWN_VALUE_CHARS) return text
  return `${startOf(text, SHOWN_VALUE_CHARS)}… (${typeof value === 'string' ? value.length : text.length} characters)`
}

/** At most so many UTF-16 units, without the first half of a character that takes two of them. */
export function startOf(text: string, units: number): string {
  return text.slice(0, units).replace(/[\ud800-\udbff]$/, '')
}

function toText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return Array.isArray(value) ? 'a list' : 'an object' // nested deeper than the stack, or in a circle
  }
}

function toInputIssues(issue: z.core.$ZodIssue, schema: z.ZodType, raw: unknown, prefix: string): InputIssue[] {
  if (issue.code === 'unrecognized_keys') {
    const known = fieldsAt(schema, issue.path)
    const allowed = known.length === 0 ? 'no such field' : `no such field, but ${known.join(', ')}`
    return issue.keys.slice(0, MOST_ISSUES).map(key => {
      const path = [...issue.path, key]
      return { path: joinPath(prefix, path), value: showValue(valueAt(raw, path)), allowed }
    })
  }
  return [
    { path: joinPath(prefix, issue.path), value: showValue(valueAt(raw, issue.path)), allowed: describeAllowed(issue) },
  ]
}

/** Of the object at this path; none where the schema has no plain object there. */
function fieldsAt(schema: z.ZodType, path: PropertyKey[]): string[] {
  let at: unknown = schema
  for (const key of path) {
    const inner = withoutWrappers(at)
    if (inner instanceof z.ZodObject) at = inner.shape[String(key)]
    else at = inner instanceof z.ZodArray ? inner.element : null
  }
  const object = withoutWrappers(at)
  return object instanceof z.ZodObject ? Object.keys(object.shape) : []
}

function withoutWrappers(schema: unknown): unknown {
  const isWrapper = schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault
  return isWrapper ? withoutWrappers(schema.unwrap()) : schema
}

/** Fields made with the helpers of `fields.ts` carry their own words; the rest is put into words here. */
function describeAllowed(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value' && (issue.values.length > 1 || issue.message.startsWith('Invalid')))
    return issue.values.map(v => String(v)).join(', ')
  if (issue.code === 'invalid_type')
    return issue.message.startsWith('Invalid input') ? withArticle(issue.expected) : issue.message
  return issue.message
}

function withArticle(type: string): string {
  return `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`
}

function joinPath(prefix: string, path: PropertyKey[]): string {
  return [...(prefix === '' ? [] : [prefix]), ...path.map(String)].join('.')
}

function valueAt(raw: unknown, path: PropertyKey[]): unknown {
  let value = raw
  for (const key of path) {
    if (value === null || typeof value !== 'object') return undefined
    value = (value as Record<PropertyKey, unknown>)[key]
  }
  return value
}
