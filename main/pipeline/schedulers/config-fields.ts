/**
 * Reads a diffusers `scheduler_config.json`: each sampler lists the fields that its class really has, with the class's own
 * defaults and what is allowed. A wrong value or a field that no scheduler knows is an error naming it. Fields that belong
 * to other schedulers only are left out, as diffusers does when a config is loaded into another class.
 */
import { AppError } from '#contract/errors'
import { invalidInput, showValue } from '#contract/parse'
import { FIELDS_OF_OTHER_SCHEDULERS } from './other-fields.ts'
import type { SchedulerConfig } from './scheduler.ts'

export interface Field<T> {
  readonly fallback: T
  /** What is allowed, in words. */
  readonly allowed: string
  /** The typed value, or undefined where `raw` is not allowed. */
  readonly parse: (raw: unknown) => T | undefined
}
export type Fields = Readonly<Record<string, Field<unknown>>>
export type Values<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never }

interface Range {
  min?: number
  max?: number
  whole?: boolean
}

export function numberField<const T extends number | null>(fallback: T, range: Range = {}): Field<number | (T & null)> {
  const { min = -Infinity, max = Infinity, whole = false } = range
  const kind = whole ? 'a whole number' : 'a number'
  const bounds =
    min > -Infinity && max < Infinity ? ` from ${min} to ${max}` : min > -Infinity ? ` of at least ${min}` : ''
  const parse = (raw: unknown): number | undefined => {
    const value = typeof raw === 'string' ? infinityOf(raw) : raw
    if (typeof value !== 'number' || !(value >= min && value <= max)) return undefined
    return whole && !Number.isInteger(value) ? undefined : value
  }
  return withNull(fallback, `${kind}${bounds}`, parse)
}

/** Python's JSON writer leaves infinities outside of JSON; readers that mend such a file hand them over as words. */
function infinityOf(word: string): number | undefined {
  const found = /^(-?)inf(?:inity)?$/i.exec(word)
  if (found === null) return undefined
  return found[1] === '-' ? -Infinity : Infinity
}

/** Diffusers treats a missing flag (`null`) as false. */
export function flagField(fallback: boolean): Field<boolean> {
  return {
    fallback,
    allowed: 'true or false',
    parse: raw => (raw === null ? false : typeof raw === 'boolean' ? raw : undefined),
  }
}

export function choiceField<const C extends readonly string[], const T extends C[number] | null>(
  choices: C,
  fallback: T,
): Field<C[number] | (T & null)> {
  const isChoice = (raw: unknown): raw is C[number] => typeof raw === 'string' && choices.includes(raw)
  return withNull(fallback, choices.join(', '), raw => (isChoice(raw) ? raw : undefined))
}

export function numbersField(fallback: readonly number[] | null, range: Range = {}): Field<readonly number[] | null> {
  const one = numberField(0, range)
  const parse = (raw: unknown): readonly number[] | undefined => {
    if (!Array.isArray(raw)) return undefined
    const values = raw.map(item => one.parse(item)).filter(item => item !== undefined)
    return values.length === raw.length ? values : undefined
  }
  return withNull(fallback, `a list, each ${one.allowed}`, parse)
}

/** A field whose only implemented value is this one; diffusers' others raise an error there as well. */
export function fixedField<const T extends boolean | string | null>(value: T): Field<T> {
  return { fallback: value, allowed: String(value), parse: raw => (raw === value ? value : undefined) }
}

function withNull<T, N>(fallback: N, allowed: string, parse: (raw: unknown) => T | undefined): Field<T | (N & null)> {
  const nullable = fallback === null
  return {
    fallback: fallback as T | (N & null),
    allowed: nullable ? `${allowed}, or null` : allowed,
    parse: raw => (raw === null && nullable ? (null as N & null) : parse(raw)),
  }
}

/** config -> the typed fields of one class; throws `model-incompatible` that names field, value and what is allowed. */
export function readConfig<F extends Fields>(className: string, fields: F, config: SchedulerConfig): Values<F> {
  const defaulted = Array.isArray(config._use_default_values) ? config._use_default_values : []
  const given = Object.entries(config).filter(([key]) => !key.startsWith('_') && !defaulted.includes(key))
  for (const [key, value] of given) {
    if (!(key in fields) && !FIELDS_OF_OTHER_SCHEDULERS.has(key))
      throw configError(className, key, value, 'no such field')
  }
  return readFields(fields, Object.fromEntries(given), (key, value, allowed) =>
    configError(className, key, value, allowed),
  )
}

/** Options of a run (eta, churn): the request's, so a wrong one is `invalid-input`. */
export function readOptions<F extends Fields>(fields: F, options: Readonly<Record<string, unknown>>): Values<F> {
  for (const [key, value] of Object.entries(options)) {
    if (!(key in fields)) {
      const names = Object.keys(fields)
      const allowed =
        names.length === 0 ? 'this sampler has no options' : `options of this sampler: ${names.join(', ')}`
      throw invalidInput([{ path: `samplerOptions.${key}`, value: showValue(value), allowed }])
    }
  }
  return readFields(fields, options, (key, value, allowed) =>
    invalidInput([{ path: `samplerOptions.${key}`, value: showValue(value), allowed }]),
  )
}

function readFields<F extends Fields>(
  fields: F,
  given: Readonly<Record<string, unknown>>,
  toError: (key: string, value: unknown, allowed: string) => AppError,
): Values<F> {
  const values: Record<string, unknown> = {}
  for (const [key, field] of Object.entries(fields)) {
    const raw = given[key]
    const value = raw === undefined ? field.fallback : field.parse(raw)
    if (value === undefined) throw toError(key, raw, field.allowed)
    values[key] = value
  }
  return values as Values<F>
}

export function configError(className: string, field: string, value: unknown, allowed: string): AppError {
  return new AppError(
    'model-incompatible',
    `The scheduler config of ${className} has ${field} = ${showValue(value)}; allowed: ${allowed}.`,
    { details: { field, value: showValue(value), allowed } },
  )
}
