/**
 * The one error type of the application. A code says by whose fault something went wrong (the request's, the
 * model's, the machine's, the network's, nobody's, ours); the message is a sentence for a person. Inside a process an
 * AppError is thrown; across a border it travels as an ErrorPayload inside `{ ok: false, error }`.
 */
import { z } from 'zod'

export const ERROR_CODES = [
  'invalid-input',
  'not-found',
  'model-missing',
  'model-corrupt',
  'model-incompatible',
  'out-of-memory',
  'device-unavailable',
  'engine-lost',
  'storage-full',
  'storage-denied',
  'storage-corrupt',
  'download-failed',
  'cancelled',
  'internal',
] as const

export const errorCodeSchema = z.enum(ERROR_CODES)
export type ErrorCode = z.infer<typeof errorCodeSchema>

/** One field of a request that is wrong: where, what was given (shortened), what is allowed (in words). */
export const inputIssueSchema = z.object({ path: z.string(), value: z.string(), allowed: z.string() })
export type InputIssue = z.infer<typeof inputIssueSchema>

export const errorPayloadSchema = z.object({
  code: errorCodeSchema,
  message: z.string(),
  /** `invalid-input` only: every wrong field, in the order of the schema. */
  issues: z.array(inputIssueSchema).optional(),
  /** Facts for a bug report or for the fold-out under a message: file, tensor, expected, actual, exit code. */
  details: z.record(z.string(), z.unknown()).optional(),
})
export type ErrorPayload = z.infer<typeof errorPayloadSchema>

export class AppError extends Error {
  readonly code: ErrorCode
  readonly issues: InputIssue[] | undefined
  readonly details: Record<string, unknown> | undefined

  constructor(
    code: ErrorCode,
    message: string,
    extra: { issues?: InputIssue[]; details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, extra.cause === undefined ? undefined : { cause: extra.cause })
    this.name = 'AppError'
    this.code = code
    this.issues = extra.issues
    this.details = extra.details
  }
}

/** Anything thrown -> what may cross a border. Unknown errors become `internal` and keep their message. */
export function toErrorPayload(thrown: unknown): ErrorPayload {
  if (thrown instanceof AppError) {
    return {
      code: thrown.code,
      message: thrown.message,
      ...(thrown.issues ? { issues: thrown.issues } : {}),
      ...(thrown.details ? { details: thrown.details } : {}),
    }
  }
  return { code: 'internal', message: thrown instanceof Error ? thrown.message : String(thrown) }
}

/** The way back: an ErrorPayload from the other side of a border -> something that can be thrown here. */
export function fromErrorPayload(payload: ErrorPayload): AppError {
  return new AppError(payload.code, payload.message, payload)
}
