/**
 * The page's protocol, easel://app: the built page under the same headers as over HTTP, and pictures by id. It answers a
 * standard Request with a standard Response and knows nothing of windows.
 */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { CustomScheme } from 'electron'
import { PAGE_ORIGIN, PAGE_SCHEME } from '#contract/bridge'
import { toErrorPayload } from '#contract/errors'
import { PAGE_HEADERS } from '../page-policy.ts'
import type { PageFile } from '../server/page-files.ts'

/** To be registered before Electron is ready. */
export const SCHEME: CustomScheme = {
  scheme: PAGE_SCHEME,
  privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
}

const IMAGE = '/image/'
const NOT_BUILT = 'The page was not built. Start Easel with "npm start", which builds it.'

export interface ProtocolOptions {
  page: ReadonlyMap<string, PageFile>
  /** Absolute path of a picture; throws `not-found`. */
  imageFile(id: string): Promise<string>
}

export function createProtocolHandler(options: ProtocolOptions): (request: Request) => Promise<Response> {
  return async request => {
    const url = new URL(request.url)
    if (`${url.protocol}//${url.host}` !== PAGE_ORIGIN) return sendText(404, 'Nothing is here.')
    if (request.method !== 'GET' && request.method !== 'HEAD') return sendText(405, 'Only GET and HEAD.')
    if (url.pathname.startsWith(IMAGE)) return sendImage(options, decode(url.pathname.slice(IMAGE.length)))
    return sendPage(options.page, decode(url.pathname))
  }
}

async function sendPage(page: ProtocolOptions['page'], path: string): Promise<Response> {
  const file = page.get(path === '/index.html' ? '/' : path)
  if (file === undefined) return path === '/' ? sendText(503, NOT_BUILT) : sendText(404, 'Nothing is here.')
  const body = new Uint8Array(await file.body('identity'))
  const caching = file.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache'
  return new Response(body, { headers: { ...PAGE_HEADERS, 'content-type': file.mediaType, 'cache-control': caching } })
}

async function sendImage(options: ProtocolOptions, id: string): Promise<Response> {
  try {
    const file = await options.imageFile(id)
    const { size } = await stat(file)
    const headers = {
      'content-type': 'image/png',
      'content-length': String(size),
      // A picture of an id never changes.
      'cache-control': 'private, max-age=31536000, immutable',
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    }
    return new Response(Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array>, { headers })
  } catch (thrown) {
    return sendText(404, toErrorPayload(thrown).message)
  }
}

/** A path with wrong escapes names nothing. */
function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return ''
  }
}

function sendText(status: number, text: string): Response {
  return new Response(text, { status, headers: { ...PAGE_HEADERS, 'content-type': 'text/plain; charset=utf-8' } })
}
