/** Reads the JSON body of a call, up to a limit. What is wrong with it comes back as a refusal, never as a half-read value. */
import type { IncomingMessage } from 'node:http'
import type { InputIssue } from '#contract/errors'
import type { MethodName } from '#contract/api'
import { EDIT_LIMITS } from '#contract/edit'
import { showValue } from '#contract/parse'

/**
 * Far above any request of the page; enough that a prompt of a million characters, each of them four bytes, is still
 * refused as "prompt: at most ..." and not as "body too large".
 */
export const BODY_LIMIT_BYTES = 4 * 1024 * 1024
/** A picture file in base64, and the braces around it. */
const SOURCE_LIMIT_BYTES = Math.ceil(EDIT_LIMITS.sourceBytes / 3) * 4 + 1024
const ALLOWED_BODY = 'a JSON object in UTF-8'

export type Body = { ok: true; value: unknown } | { ok: false; status: 400 | 413 | 415; issue: InputIssue }

export async function readJsonBody(request: IncomingMessage, method: MethodName): Promise<Body> {
  const limit = method === 'sources.import' ? SOURCE_LIMIT_BYTES : BODY_LIMIT_BYTES
  const type = request.headers['content-type'] ?? ''
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    return refuse(415, 'Content-Type', type === '' ? 'missing' : showValue(type), 'application/json')
  }
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > limit) {
      return refuse(413, 'body', `over ${limit} bytes`, `at most ${limit} bytes`)
    }
    chunks.push(chunk)
  }
  return parseBody(Buffer.concat(chunks))
}

function parseBody(bytes: Buffer): Body {
  if (bytes.length === 0) return refuse(400, 'body', 'empty', `${ALLOWED_BODY}; {} for a method without arguments`)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return refuse(400, 'body', 'not UTF-8', ALLOWED_BODY)
  }
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message.slice(0, 120) : ''
    return refuse(400, 'body', `${showValue(text)}, which is not JSON (${reason})`, ALLOWED_BODY)
  }
}

function refuse(status: 400 | 413 | 415, path: string, value: string, allowed: string): Body {
  return { ok: false, status, issue: { path, value, allowed } }
}
