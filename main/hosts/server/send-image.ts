/** Streams a picture's file: whole or a range. */
import { open, type FileHandle } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { basename } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { AppError } from '#contract/errors'
import { imageType } from '../image-headers.ts'
import { parseRange } from './byte-range.ts'
import { isKnownTag } from './entity-tag.ts'

/** Resolves when the answer is complete or the reader has gone; rejects before anything was sent. */
export async function sendImage(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  caching: string,
): Promise<void> {
  const handle = await open(path)
  try {
    const { size, mtimeMs } = await statFile(handle, path)
    const etag = `"${size.toString(36)}-${Math.floor(mtimeMs).toString(36)}"`
    const headers = {
      'content-type': imageType(path),
      'cache-control': caching,
      etag,
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cross-origin-resource-policy': 'same-origin',
      'content-disposition': `inline; filename="${basename(path)}"`,
    }
    if (isKnownTag(request.headers['if-none-match'], etag)) {
      response.writeHead(304, headers).end()
      return
    }
    const ifRange = request.headers['if-range']
    // Ranges are of GET alone: https://www.rfc-editor.org/rfc/rfc9110#section-14.2
    const isRangeWanted = request.method === 'GET' && (ifRange === undefined || ifRange === etag)
    const range = isRangeWanted ? parseRange(request.headers.range, size) : null
    if (range === 'impossible') {
      response.writeHead(416, { ...headers, 'content-range': `bytes */${size}` }).end()
      return
    }
    const { first, last } = range ?? { first: 0, last: size - 1 }
    response.writeHead(range === null ? 200 : 206, {
      ...headers,
      'content-length': last - first + 1,
      ...(range === null ? {} : { 'content-range': `bytes ${first}-${last}/${size}` }),
    })
    if (request.method === 'HEAD' || size === 0) response.end()
    else await pipeline(handle.createReadStream({ start: first, end: last, autoClose: false }), response)
  } catch (thrown) {
    if (!response.headersSent) throw thrown
    response.destroy() // the reader has gone, or the file ended early: there is nobody to tell
  } finally {
    await handle.close()
  }
}

/** A folder can be opened like a file; that it is none would be noticed only after the headers. */
async function statFile(handle: FileHandle, path: string) {
  const facts = await handle.stat()
  if (!facts.isFile()) throw new AppError('not-found', `${path} is no picture file.`)
  return facts
}
