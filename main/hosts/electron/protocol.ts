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
import type { ThumbnailFile } from '#services/thumbnails'
import { IMAGE_CACHING, imageType, thumbnailCaching } from '../image-headers.ts'
import { PAGE_HEADERS } from '../page-policy.ts'
import type { PageFile } from '../server/page-files.ts'

/** To be registered before Electron is ready. */
export const SCHEME: CustomScheme = {
  scheme: PAGE_SCHEME,
  privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
}

const IMAGE = '/image/'
const THUMBNAIL = '/thumbnail/'
const NOT_BUILT = 'The page was not built. Start Easel with "npm start", which builds it.'

export interface ProtocolOptions {
  page: ReadonlyMap<string, PageFile>
  /** Absolute path of a picture; throws `not-found`. */
  imageFile(id: string): Promise<string>
  /** The same of its thumbnail. */
  thumbnailFile(id: string): Promise<ThumbnailFile>
}

export function createProtocolHandler(options: ProtocolOptions): (request: Request) => Promise<Response> {
  return async request => {
    const url = new URL(request.url)
    if (`${url.protocol}//${url.host}` !== PAGE_ORIGIN) return sendText(404, 'Nothing is here.')
    if (request.method !== 'GET' && request.method !== 'HEAD') return sendText(405, 'Only GET and HEAD.')
    const path = decode(url.pathname)
    if (path.startsWith(IMAGE)) {
      return sendImage(async () => [await options.imageFile(path.slice(IMAGE.length)), IMAGE_CACHING])
    }
    if (path.startsWith(THUMBNAIL)) {
      const find = () => options.thumbnailFile(path.slice(THUMBNAIL.length))
      return sendImage(async () => {
        const file = await find()
        return [file.path, thumbnailCaching(file)]
      })
    }
    return sendPage(options.page, path)
  }
}

async function sendPage(page: ProtocolOptions['page'], path: string): Promise<Response> {
  const file = page.get(path === '/index.html' ? '/' : path)
  if (file === undefined) return path === '/' ? sendText(503, NOT_BUILT) : sendText(404, 'Nothing is here.')
  const body = new Uint8Array(await file.body('identity'))
  const caching = file.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache'
  return new Response(body, { headers: { ...PAGE_HEADERS, 'content-type': file.mediaType, 'cache-control': caching } })
}

async function sendImage(find: () => Promise<[file: string, caching: string]>): Promise<Response> {
  try {
    const [file, caching] = await find()
    const { size } = await stat(file)
    const headers = {
      'content-type': imageType(file),
      'content-length': String(size),
      'cache-control': caching,
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
