/** Reads a generator's saved state back: each field is checked, because the state may come from a file of another version. */
import { invalidInput, showValue } from '#contract/parse'

type State = Readonly<Record<string, unknown>>

function wrong(field: string, value: unknown, allowed: string) {
  return invalidInput([{ path: `noise state.${field}`, value: showValue(value), allowed }])
}

export function readWholeNumber(state: State, field: string, { min, max }: { min: number; max: number }): number {
  const value = state[field]
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max) return value
  throw wrong(field, value, `a whole number from ${min} to ${max}`)
}

export function readWholeNumbers(
  state: State,
  field: string,
  { length, max }: { length: number; max: number },
): number[] {
  const value = state[field]
  const isWord = (n: unknown) => typeof n === 'number' && Number.isInteger(n) && n >= 0 && n <= max
  if (Array.isArray(value) && value.length === length && value.every(isWord)) return value as number[]
  throw wrong(field, value, `${length} whole numbers from 0 to ${max}`)
}

export function readNumberOrNull(state: State, field: string): number | null {
  const value = state[field]
  if (value === null || (typeof value === 'number' && Number.isFinite(value))) return value
  throw wrong(field, value, 'a finite number or null')
}

/** A state of one kind of generator must not be given to another one. */
export function checkKind(state: State, kind: string): void {
  checkSame(state, 'kind', kind)
}

/** For what a generator was made with and a state only repeats. */
export function checkSame(state: State, field: string, own: unknown): void {
  const allowed = JSON.stringify(own)
  if (JSON.stringify(state[field]) !== allowed) throw wrong(field, state[field], allowed)
}
