/** Schema pieces whose error message is the sentence "what is allowed here", made from the same numbers as the check. */
import { z } from 'zod'

interface NumberRange {
  min: number
  max: number
}

/** A whole number from min to max, optionally a multiple of `step`. */
export function wholeNumber({ min, max, step }: NumberRange & { step?: number }) {
  const allowed = `a whole number from ${min} to ${max}${step === undefined ? '' : `, a multiple of ${step}`}`
  const schema = z
    .number({ error: allowed })
    .int({ error: allowed })
    .min(min, { error: allowed })
    .max(max, { error: allowed })
  return step === undefined ? schema : schema.multipleOf(step, { error: allowed })
}

/** A finite number from min to max. */
export function numberInRange({ min, max }: NumberRange) {
  const allowed = `a number from ${min} to ${max}`
  return z.number({ error: allowed }).min(min, { error: allowed }).max(max, { error: allowed })
}

/** Text of at most maxChars UTF-16 units. */
export function text({ maxChars }: { maxChars: number }) {
  const allowed = `text of at most ${maxChars} characters`
  return z.string({ error: allowed }).max(maxChars, { error: allowed })
}

/** true or false, and nothing that could be taken for one of them. */
export function yesOrNo() {
  return z.boolean({ error: 'true or false' })
}

/** From min to max of something; `what` is their plural: "cells". */
export function listOf<T extends z.ZodType>(item: T, { min, max }: NumberRange, what: string) {
  const allowed = min === 0 ? `at most ${max} ${what}` : `${min} to ${max} ${what}`
  return z.array(item, { error: allowed }).min(min, { error: allowed }).max(max, { error: allowed })
}

/** One of the given words. */
export function oneOf<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values, { error: `one of ${values.join(', ')}` })
}

/** Ids that Easel makes or that name folders: no separators, no dots at the start, so that none can be a path. */
export function identifier() {
  const allowed = 'an id of letters, digits, ".", "_" and "-" that starts with a letter or digit, at most 128 long'
  return z.string({ error: allowed }).regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, { error: allowed })
}
