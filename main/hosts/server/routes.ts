/** What a request asks for, and who answers it. Every request has passed the guard before it comes here. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { App } from '#services/create-app'
import { toErrorPayload } from '#contract/errors'
import { isMethodName } from '#contract/methods'
import { dispatch } from '../dispatch.ts'
import { IMAGE_CACHING, thumbnailCaching } from '../image-headers.ts'
import { PAGE_HEADERS } from '../page-policy.ts'
import type { EventStream } from './event-stream.ts'
import type { PageFile } from './page-files.ts'
import { readJsonBody } from './read-body.ts'
import { sendNotFound, sendRefusal, sendReply } from './replies.ts'
import { sendImage } from './send-image.ts'
import { NO_PAGE_HTML, sendPageFile } from './send-page.ts'

export interface Site {
  app: Pick<App, 'api' | 'imageFile' | 'thumbnailFile'>
  stream: EventStream
  page: ReadonlyMap<string, PageFile>
}

const API = '/api/'
const IMAGE = '/image/'
const THUMBNAIL = '/thumbnail/'
const READING = ['GET', 'HEAD']

/** `path` is the decoded path of the URL. */
export async function answer(
  site: Site,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  if (path === '/api/events') {
    if (isMethod(['GET'], request, response)) site.stream.open(request, response)
  } else if (path.startsWith(API)) {
    await answerCall(site, request, response, path.slice(API.length))
  } else if (path.startsWith(IMAGE)) {
    const id = path.slice(IMAGE.length)
    if (isMethod(READING, request, response)) await answerImage(request, response, () => imageOf(site, id))
  } else if (path.startsWith(THUMBNAIL)) {
    const id = path.slice(THUMBNAIL.length)
    if (isMethod(READING, request, response)) await answerImage(request, response, () => thumbnailOf(site, id))
  } else if (isMethod(READING, request, response)) {
    await answerPage(site, request, response, path)
  }
}

async function answerCall(site: Site, request: IncomingMessage, response: ServerResponse, method: string) {
  if (!isMethodName(method)) {
    sendReply(response, await dispatch(site.app, method, undefined))
    return
  }
  if (!isMethod(['POST'], request, response)) return
  const body = await readJsonBody(request, method)
  if (body.ok) {
    sendReply(response, await dispatch(site.app, method, body.value))
    return
  }
  if (body.status === 413) response.setHeader('connection', 'close') // the rest of the body is not read
  sendRefusal(response, body.status, body.issue)
}

async function imageOf({ app }: Site, id: string): Promise<{ path: string; caching: string }> {
  return { path: await app.imageFile(id), caching: IMAGE_CACHING }
}

async function thumbnailOf({ app }: Site, id: string): Promise<{ path: string; caching: string }> {
  const file = await app.thumbnailFile(id)
  return { path: file.path, caching: thumbnailCaching(file) }
}

async function answerImage(
  request: IncomingMessage,
  response: ServerResponse,
  find: () => Promise<{ path: string; caching: string }>,
) {
  try {
    const { path, caching } = await find()
    await sendImage(request, response, path, caching)
  } catch (thrown) {
    sendReply(response, { ok: false, error: toErrorPayload(thrown) })
  }
}

async function answerPage(site: Site, request: IncomingMessage, response: ServerResponse, path: string) {
  const file = site.page.get(path === '/index.html' ? '/' : path)
  if (file !== undefined) return sendPageFile(request, response, file)
  if (path !== '/') return sendNotFound(response, path)
  response.writeHead(503, { ...PAGE_HEADERS, 'content-type': 'text/html; charset=utf-8' }).end(NO_PAGE_HTML)
}

/** False when the request has another method; the refusal has been sent then. */
function isMethod(allowed: readonly string[], request: IncomingMessage, response: ServerResponse): boolean {
  if (allowed.includes(String(request.method))) return true
  response.setHeader('allow', allowed.join(', '))
  sendRefusal(response, 405, { path: 'HTTP method', value: String(request.method), allowed: allowed.join(' or ') })
  return false
}
