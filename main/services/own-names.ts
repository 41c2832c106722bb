/** Lists of things that the user has named: a new one joins, a changed one keeps its place, and no two have one name. */
import { invalidInput, showValue } from '#contract/parse'

interface Named {
  name: string
}

/** `replaces` is the name that it had before. Throws `invalid-input` where another one has the name. */
export function withNamed<T extends Named>(all: readonly T[], item: T, replaces: string | undefined): T[] {
  checkName(all, item.name, replaces)
  const isThere = replaces !== undefined && all.some(({ name }) => name === replaces)
  return isThere ? all.map(other => (other.name === replaces ? item : other)) : [...all, item]
}

export function checkName(all: readonly Named[], name: string, replaces: string | undefined): void {
  if (name === replaces || all.every(other => other.name !== name)) return
  throw invalidInput([{ path: 'name', value: showValue(name), allowed: 'a name that no other has' }])
}
