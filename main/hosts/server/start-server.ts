/**
 * The application over HTTP: the page, the calls, the events and the pictures at one address. Loopback by default; any
 * other address needs a token. It knows nothing of processes and terminals: `hosts/cli/serve.ts` starts it.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { App } from '#services/create-app'
import { AppError, toErrorPayload } from '#contract/errors'
import type { Log } from '#contract/log'
import { createEventStream } from './event-stream.ts'
import { findRefusal, isLoopbackAddress, isTokenEqual, TOKEN_COOKIE, type GuardPolicy } from './guard.ts'
import { readPageFiles } from './page-files.ts'
import { sendError, sendRefusal } from './replies.ts'
import { answer, type Site } from './routes.ts'

export interface ServerOptions {
  app: Pick<App, 'api' | 'imageFile' | 'thumbnailFile' | 'events'>
  /** Address to listen on. */
  host: string
  /** 0 takes any free one. */
  port: number
  /** Must be given for an address that is not loopback. */
  token: string | null
  /** Folder of the built page. */
  pageFolder: string
  log: Log
}

export interface RunningServer {
  /** "http://127.0.0.1:5173" */
  url: string
  close(): Promise<void>
}

/** A picture of 100 MB takes minutes from a phone. */
const REQUEST_MS = 5 * 60_000

/** Rejects with `invalid-input` when the address asks for a token, and with a sentence when the port is taken. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { app, host, port, token, log } = options
  const isLoopbackOnly = isLoopbackAddress(host)
  if (!isLoopbackOnly && token === null) {
    throw new AppError('invalid-input', `Listening on ${host} opens Easel to the network and needs --token.`)
  }
  const stream = createEventStream(listener => app.events.subscribe(listener))
  const site: Site = { app, stream, page: await readPageFiles(options.pageFolder) }
  const policy: GuardPolicy = { token, isLoopbackOnly }
  const server = createServer({ requestTimeout: REQUEST_MS, maxHeaderSize: 16 * 1024 }, (request, response) => {
    handle(site, policy, request, response).catch((thrown: unknown) => {
      const facts = { path: request.url?.split('?')[0], reason: String(thrown) }
      if (response.destroyed) return log.debug('A reader went away', facts)
      log.error('A request failed', facts)
      sendError(response, 500, toErrorPayload(thrown))
    })
  })
  await listen(server, host, port)
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${portOf(server)}`,
    async close() {
      stream.close()
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeIdleConnections()
      setTimeout(() => server.closeAllConnections(), 2000).unref() // a download must not hold the program for ever
      await closed
    },
  }
}

async function handle(site: Site, policy: GuardPolicy, request: IncomingMessage, response: ServerResponse) {
  const url = URL.parse(request.url ?? '/', 'http://easel')
  const path = url === null ? null : decodePath(url.pathname)
  if (url === null || path === null) {
    sendRefusal(response, 400, { path: 'URL', value: String(request.url).slice(0, 200), allowed: 'a well-formed path' })
    return
  }
  if (tradeTokenForCookie(policy, url, response)) return
  const { headers } = request
  const refusal = findRefusal(
    {
      host: headers.host,
      origin: headers.origin,
      fetchSite: one(headers['sec-fetch-site']),
      fetchMode: one(headers['sec-fetch-mode']),
      authorization: headers.authorization,
      cookie: headers.cookie,
    },
    policy,
  )
  if (refusal !== null) sendRefusal(response, refusal.status, refusal.issue)
  else await answer(site, request, response, path)
}

/** `/?token=...` is visited once; then a cookie that scripts cannot read carries the token, and the address bar is clean. */
function tradeTokenForCookie(policy: GuardPolicy, url: URL, response: ServerResponse): boolean {
  const given = url.searchParams.get('token')
  if (given === null || policy.token === null || !isTokenEqual(given, policy.token)) return false
  url.searchParams.delete('token')
  response.writeHead(303, {
    location: `${url.pathname.replace(/^\/+/, '/')}${url.search}`, // two slashes would lead to another host
    'set-cookie': `${TOKEN_COOKIE}=${encodeURIComponent(given)}; HttpOnly; SameSite=Strict; Path=/; Max-Age=31536000`,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  })
  response.end()
  return true
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(describeListenError(error, host, port)))
    server.listen(port, host, resolve)
  })
}

function describeListenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const cause = { cause: error }
  if (error.code === 'EADDRINUSE')
    return new AppError(
      'invalid-input',
      `Port ${port} is in use; choose another with --port, or 0 for any free one.`,
      cause,
    )
  if (error.code === 'EACCES')
    return new AppError('invalid-input', `Port ${port} may not be used here; choose one from 1024 to 65535.`, cause)
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return new AppError('invalid-input', `This machine has no address ${host}.`, cause)
  return error
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new AppError('internal', 'The server has no port.')
  return address.port
}

/** Null when the escapes are wrong. A path with `..` needs no care here: pages are looked up in a list. */
function decodePath(pathname: string): string | null {
  try {
    return decodeURIComponent(pathname)
  } catch {
    return null
  }
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header
}
