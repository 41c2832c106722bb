/** A refusal names fields of a request; whoever typed flags is told of flags. */
import { AppError } from '#contract/errors'
import { invalidInput } from '#contract/parse'

/** An `invalid-input` with other names for its fields; all else stays as it is. */
export function withNames(thrown: unknown, nameOf: (path: string) => string): unknown {
  if (!(thrown instanceof AppError) || thrown.issues === undefined) return thrown
  return invalidInput(thrown.issues.map(issue => ({ ...issue, path: nameOf(issue.path) })))
}

/** Runs `work`, and renames the fields of an `invalid-input` that it throws. */
export function naming<T>(nameOf: (path: string) => string, work: () => T): T {
  try {
    return work()
  } catch (thrown) {
    throw withNames(thrown, nameOf)
  }
}
