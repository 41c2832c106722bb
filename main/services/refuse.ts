/** A refusal of one field of a request, as the checks of this folder give it. */
import type { AppError } from '#contract/errors'
import { invalidInput } from '#contract/parse'

export function refuse(path: string, value: string, allowed: string): AppError {
  return invalidInput([{ path, value, allowed }])
}
