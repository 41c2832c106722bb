/** Answers in JSON: a Reply and the HTTP status that goes with it. */
import type { ServerResponse } from 'node:http'
import type { Reply } from '#contract/api'
import type { ErrorCode, ErrorPayload, InputIssue } from '#contract/errors'
import { invalidInput } from '#contract/parse'
import { toErrorPayload } from '#contract/errors'

/** Whose fault it was, in HTTP's words: the request's, a state that does not allow it, or ours. */
const STATUS: Readonly<Record<ErrorCode, number>> = {
  'invalid-input': 400,
  'not-found': 404,
  'model-missing': 409,
  'model-corrupt': 409,
  'model-incompatible': 409,
  cancelled: 409,
  'storage-full': 507,
  'storage-denied': 500,
  'storage-corrupt': 500,
  'out-of-memory': 500,
  'device-unavailable': 500,
  'engine-lost': 500,
  'download-failed': 502,
  internal: 500,
}

export function sendReply(response: ServerResponse, reply: Reply): void {
  sendJson(response, reply.ok ? 200 : STATUS[reply.error.code], reply)
}

/** For what HTTP itself refuses (405, 413, 415, 421, ...): `status` is more exact than the code's. */
export function sendRefusal(response: ServerResponse, status: number, issue: InputIssue): void {
  sendError(response, status, toErrorPayload(invalidInput([issue])))
}

export function sendNotFound(response: ServerResponse, path: string): void {
  sendError(response, 404, { code: 'not-found', message: `There is nothing at ${path}.` })
}

export function sendError(response: ServerResponse, status: number, error: ErrorPayload): void {
  sendJson(response, status, { ok: false, error })
}

function sendJson(response: ServerResponse, status: number, value: Reply): void {
  if (response.headersSent || response.destroyed) return
  const body = Buffer.from(JSON.stringify(value))
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': body.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(body)
}
