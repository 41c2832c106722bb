/** Sends a file of the page with its headers; hashed files are cached for ever, the rest is asked for again each time. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { PAGE_HEADERS } from '../page-policy.ts'
import { isKnownTag } from './entity-tag.ts'
import { chooseEncoding, type PageFile } from './page-files.ts'

export async function sendPageFile(request: IncomingMessage, response: ServerResponse, file: PageFile): Promise<void> {
  const accepted = chooseEncoding(request.headers['accept-encoding'])
  const body = await file.body(accepted)
  const encoding = body === (await file.body('identity')) ? 'identity' : accepted
  const etag = `"${file.etag}-${encoding}"`
  const headers = {
    ...PAGE_HEADERS,
    'content-type': file.mediaType,
    'cache-control': file.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    vary: 'accept-encoding',
    etag,
  }
  if (isKnownTag(request.headers['if-none-match'], etag)) {
    response.writeHead(304, headers).end()
    return
  }
  response.writeHead(200, {
    ...headers,
    'content-length': body.length,
    ...(encoding === 'identity' ? {} : { 'content-encoding': encoding }),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

/** What a browser shows when the sources were never built. */
export const NO_PAGE_HTML = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Easel</title>
<p>The page is not built yet. Start Easel with <code>npm run serve</code>, or build the page with <code>npx vite build</code>.</p>
<p>The API answers already: <code>POST /api/&lt;method&gt;</code>.</p></html>`
