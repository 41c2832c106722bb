/** The HTTP host over a test application, and a raw request for what `fetch` will not send. */
import { mkdir, writeFile } from 'node:fs/promises'
import { request, type IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Reply } from '#contract/api'
import { startServer } from '#hosts/server/start-server'
import { scratchFolder } from './scratch-folder.ts'
import { openTestApp, type TestApp, type TestAppOptions } from './test-app.ts'

export const SCRIPT = `console.log(${JSON.stringify('easel '.repeat(500))})`

export interface TestServer {
  app: TestApp
  url: string
  port: number
  call(method: string, argument: unknown): Promise<{ status: number; reply: Reply }>
}

export interface TestServerOptions extends TestAppOptions {
  listenOn?: string
  token?: string
}

export async function openTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const app = await openTestApp(options)
  const pageFolder = join(await scratchFolder(), 'page')
  await mkdir(join(pageFolder, 'assets'), { recursive: true })
  await writeFile(join(pageFolder, 'index.html'), '<!doctype html><title>Easel</title>')
  await writeFile(join(pageFolder, 'assets/index-Bx3.js'), SCRIPT)
  await writeFile(join(pageFolder, '../secret.txt'), 'secret')
  const { listenOn: host = '127.0.0.1', token = null } = options
  const server = await startServer({ app, host, port: 0, token, pageFolder, log: app.log })
  onTestFinished(() => server.close())
  const port = Number(new URL(server.url).port)
  const url = `http://127.0.0.1:${port}`
  return {
    app,
    url,
    port,
    async call(method, argument) {
      const response = await fetch(`${url}/api/${method}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(argument),
      })
      return { status: response.status, reply: (await response.json()) as Reply }
    },
  }
}

export interface RawAnswer {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

/** Sends the path and the headers exactly as they are. */
export function sendRaw(
  port: number,
  { path = '/', method = 'GET', headers = {}, body }: RawRequest,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

export interface RawRequest {
  path?: string
  method?: string
  headers?: Record<string, string>
  body?: string | Uint8Array
}
