import { mkdir, readFile, rm, truncate } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { startServer } from '#hosts/server/start-server'
import { createFakeEngine } from '#test/fake-engine'
import { openTestApp } from '#test/test-app'
import { openTestServer, SCRIPT, sendRaw, type TestServer } from '#test/test-server'

const small = { prompt: 'a red apple', width: 64, height: 96, steps: 2 }
const json = { 'content-type': 'application/json' }

async function makePicture({ app }: TestServer): Promise<{ id: string; path: string; bytes: Buffer }> {
  const job = await app.api.jobs.submit(small)
  const [id] = (await app.finished(job.id)).results
  const path = await app.imageFile(id)
  return { id, path, bytes: await readFile(path) }
}

test('a call answers with its value, a refused one with every wrong field', async () => {
  const server = await openTestServer()
  expect(await server.call('jobs.submit', small)).toMatchObject({
    status: 200,
    reply: { ok: true, value: { state: 'queued' } },
  })
  const refused = await server.call('jobs.submit', { ...small, steps: 0, colour: 'red' })
  expect(refused).toMatchObject({
    status: 400,
    reply: {
      ok: false,
      error: {
        code: 'invalid-input',
        issues: [
          { path: 'steps', value: '0' },
          { path: 'colour', allowed: expect.stringMatching(/^no such field, but .*\bprompt\b.*\bsteps\b/) as unknown },
        ],
      },
    },
  })
})

test.each([
  ['an unknown method', { path: '/api/jobs.explode', method: 'POST', headers: json, body: '{}' }, 404, 'not-found'],
  [
    'a method of the prototype',
    { path: '/api/constructor', method: 'POST', headers: json, body: '{}' },
    404,
    'not-found',
  ],
  ['an unknown id', { path: '/api/jobs.get', method: 'POST', headers: json, body: '{"id":"x"}' }, 404, 'not-found'],
  ['an empty body', { path: '/api/jobs.submit', method: 'POST', headers: json, body: '' }, 400, 'invalid-input'],
  [
    'half a JSON',
    { path: '/api/jobs.submit', method: 'POST', headers: json, body: '{"prompt":' },
    400,
    'invalid-input',
  ],
  [
    'JSON that is no object',
    { path: '/api/jobs.submit', method: 'POST', headers: json, body: '[]' },
    400,
    'invalid-input',
  ],
  [
    'bytes that are not UTF-8',
    { path: '/api/jobs.submit', method: 'POST', headers: json, body: new Uint8Array([0x22, 0xff, 0x22]) },
    400,
    'invalid-input',
  ],
  [
    'a form',
    { path: '/api/jobs.submit', method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{}' },
    415,
    'invalid-input',
  ],
  ['no content type', { path: '/api/jobs.submit', method: 'POST', body: '{}' }, 415, 'invalid-input'],
  ['GET of a method', { path: '/api/jobs.list' }, 405, 'invalid-input'],
  ['POST of the events', { path: '/api/events', method: 'POST' }, 405, 'invalid-input'],
  ['POST of the page', { path: '/', method: 'POST' }, 405, 'invalid-input'],
  ['an unknown path', { path: '/nothing/here' }, 404, 'not-found'],
  ['a wrong escape', { path: '/%zz' }, 400, 'invalid-input'],
  [
    'a body over the limit',
    { path: '/api/jobs.submit', method: 'POST', headers: json, body: 'x'.repeat(5 * 1024 * 1024) },
    413,
    'invalid-input',
  ],
])('%s gets a clear error in JSON', async (_name, request, status, code) => {
  const { port } = await openTestServer()
  const answer = await sendRaw(port, request)
  expect(answer.status).toBe(status)
  expect(JSON.parse(answer.text)).toMatchObject({
    ok: false,
    error: { code, message: expect.stringMatching(/.{10}/) as unknown },
  })
})

test('a prompt of a megabyte is refused by its field', async () => {
  const server = await openTestServer()
  for (const prompt of ['a'.repeat(1024 * 1024), '🍎'.repeat(500_000)]) {
    const { status, reply } = await server.call('jobs.submit', { ...small, prompt })
    expect(status).toBe(400)
    expect(reply).toMatchObject({
      error: { issues: [{ path: 'prompt', allowed: 'text of at most 10000 characters' }] },
    })
    expect(JSON.stringify(reply).length).toBeLessThan(1000)
  }
})

test.each([
  ['a foreign name for this machine', { headers: { host: 'evil.example' } }, 421],
  ['a foreign name that begins like ours', { headers: { host: 'localhost.evil.example' } }, 421],
  [
    'another origin',
    { path: '/api/jobs.list', method: 'POST', headers: { ...json, origin: 'http://evil.example' }, body: '{}' },
    403,
  ],
  [
    'the origin of a file',
    { path: '/api/jobs.list', method: 'POST', headers: { ...json, origin: 'null' }, body: '{}' },
    403,
  ],
  [
    'a picture shown by another site',
    { path: '/image/x', headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' } },
    403,
  ],
])('%s is turned away', async (_name, request, status) => {
  const { port } = await openTestServer()
  expect((await sendRaw(port, request)).status).toBe(status)
})

test('the page itself and programs without an origin may call', async () => {
  const { port } = await openTestServer()
  const call = { path: '/api/jobs.list', method: 'POST', body: '{}' }
  const own = {
    ...json,
    host: `localhost:${port}`,
    origin: `http://localhost:${port}`,
    'sec-fetch-site': 'same-origin',
  }
  expect((await sendRaw(port, { ...call, headers: own })).status).toBe(200)
  expect((await sendRaw(port, { ...call, headers: json })).status).toBe(200)
  expect(
    (await sendRaw(port, { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' } })).status,
  ).toBe(200)
})

test('an address beyond loopback asks for a token: bearer, or a cookie that one visit sets', async () => {
  const { port } = await openTestServer({ listenOn: '0.0.0.0', token: 'a long secret'.replaceAll(' ', '-') })
  const call = { path: '/api/jobs.list', method: 'POST', body: '{}' }
  expect((await sendRaw(port, { ...call, headers: json })).status).toBe(401)
  expect((await sendRaw(port, { ...call, headers: { ...json, authorization: 'Bearer wrong' } })).status).toBe(401)
  expect((await sendRaw(port, { ...call, headers: { ...json, authorization: 'Bearer a-long-secret' } })).status).toBe(
    200,
  )
  expect((await sendRaw(port, { path: '/?token=wrong' })).status).toBe(401)
  const visit = await sendRaw(port, { path: '/?token=a-long-secret&x=1' })
  expect(visit).toMatchObject({ status: 303, headers: { location: '/?x=1' } })
  const [cookie] = visit.headers['set-cookie'] ?? []
  expect(cookie).toMatch(/HttpOnly; SameSite=Strict/)
  expect((await sendRaw(port, { ...call, headers: { ...json, cookie: cookie.split(';')[0] } })).status).toBe(200)
})

test('an address beyond loopback without a token is not opened', async () => {
  const app = await openTestApp()
  const options = { app, host: '0.0.0.0', port: 0, token: null, pageFolder: '/nowhere', log: app.log }
  await expect(startServer(options)).rejects.toMatchObject({
    code: 'invalid-input',
    message: expect.stringContaining('--token') as unknown,
  })
})

test('a port that is taken is told with what to do', async () => {
  const { app, port } = await openTestServer()
  const options = { app, host: '127.0.0.1', port, token: null, pageFolder: '/nowhere', log: app.log }
  await expect(startServer(options)).rejects.toThrow(`Port ${port} is in use`)
})

test('the page comes with its policy, hashed files with long caching and compressed', async () => {
  const { port } = await openTestServer()
  const page = await sendRaw(port, {})
  expect(page).toMatchObject({
    status: 200,
    headers: { 'cache-control': 'no-cache', 'content-type': 'text/html; charset=utf-8' },
  })
  expect(page.headers['content-security-policy']).not.toMatch(/unsafe/)
  const etag = String(page.headers.etag)
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*'])
    expect((await sendRaw(port, { headers: { 'if-none-match': known } })).status).toBe(304)
  const script = await fetch(`http://127.0.0.1:${port}/assets/index-Bx3.js`, { headers: { 'accept-encoding': 'br' } })
  expect(script.headers.get('cache-control')).toContain('immutable')
  expect(Number(script.headers.get('content-length'))).toBeLessThan(SCRIPT.length / 5)
  expect(await script.text()).toBe(SCRIPT)
})

test.each([
  '/../secret.txt',
  '/..%2fsecret.txt',
  '/assets/..%2f..%2fsecret.txt',
  '/%2e%2e/secret.txt',
  '/image/..%2f..%2feasel.db',
  '/image/..%2feasel.db',
  '/assets/%00',
])('no path leads out of the page and the gallery: %s', async path => {
  const { port } = await openTestServer()
  const { status, text } = await sendRaw(port, { path })
  expect(status).toBe(404)
  expect(text).not.toContain('secret"')
})

test('a picture is sent whole, in ranges, and once only', async () => {
  const server = await openTestServer()
  const { id, bytes } = await makePicture(server)
  const url = `${server.url}/image/${id}`
  const whole = await fetch(url)
  expect(Buffer.from(await whole.arrayBuffer())).toEqual(bytes)
  expect(whole.headers.get('content-type')).toBe('image/png')
  expect(whole.headers.get('cache-control')).toContain('immutable')
  const etag = String(whole.headers.get('etag'))
  expect((await fetch(url, { headers: { 'if-none-match': etag } })).status).toBe(304)
  const part = await fetch(url, { headers: { range: 'bytes=10-19' } })
  expect(part.status).toBe(206)
  expect(part.headers.get('content-range')).toBe(`bytes 10-19/${bytes.length}`)
  expect(Buffer.from(await part.arrayBuffer())).toEqual(bytes.subarray(10, 20))
  const tail = await fetch(url, { headers: { range: 'bytes=-5' } })
  expect(Buffer.from(await tail.arrayBuffer())).toEqual(bytes.subarray(-5))
  expect((await fetch(url, { headers: { range: `bytes=${bytes.length}-` } })).status).toBe(416)
  const head = await fetch(url, { method: 'HEAD' })
  expect(head.headers.get('content-length')).toBe(String(bytes.length))
  const headOfPart = await fetch(url, { method: 'HEAD', headers: { range: 'bytes=10-19' } })
  expect([headOfPart.status, headOfPart.headers.get('content-length')]).toEqual([200, String(bytes.length)])
  expect((await fetch(`${server.url}/image/none`)).status).toBe(404)
})

test('a picture whose file was emptied, replaced by a folder or removed is answered all the same', async () => {
  const server = await openTestServer()
  const { id, path } = await makePicture(server)
  await truncate(path, 0)
  const empty = await sendRaw(server.port, { path: `/image/${id}` })
  expect(empty).toMatchObject({ status: 200, headers: { 'content-length': '0' }, text: '' })
  await rm(path)
  expect((await sendRaw(server.port, { path: `/image/${id}` })).status).toBe(404)
  await mkdir(path)
  expect((await sendRaw(server.port, { path: `/image/${id}` })).status).toBe(404)
})

test('a request of any depth and any number of fields gets a short answer', async () => {
  const server = await openTestServer()
  const deep = '['.repeat(100_000) + ']'.repeat(100_000)
  const fields = JSON.stringify(Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`k${i}`, i])))
  for (const body of [deep, `{"prompt":${deep}}`, `{"prompt":"a","foo":${deep}}`, fields]) {
    const { status, text } = await sendRaw(server.port, {
      path: '/api/jobs.submit',
      method: 'POST',
      headers: json,
      body,
    })
    expect(status).toBe(400)
    expect(text.length).toBeLessThan(50_000)
  }
})

// A Mac has only the first of them.
test.runIf(process.platform === 'linux')('every loopback address answers by its own name', async () => {
  const { app } = await openTestServer()
  const server = await startServer({
    app,
    host: '127.0.0.9',
    port: 0,
    token: null,
    pageFolder: '/nowhere',
    log: app.log,
  })
  try {
    const answer = await fetch(`${server.url}/api/app.info`, { method: 'POST', headers: json, body: '{}' })
    expect(answer.status).toBe(200)
  } finally {
    await server.close()
  }
})

test('a visit with the token leads to no other host', async () => {
  const { port } = await openTestServer({ listenOn: '0.0.0.0', token: 'long secret' })
  const { status, headers } = await sendRaw(port, { path: '/.//evil.example/?token=long%20secret' })
  expect([status, headers.location]).toEqual([303, '/evil.example/'])
})

async function readEvents(
  url: string,
  count: number,
  lastEventId?: string,
): Promise<{ id: string | null; data: string }[]> {
  const controller = new AbortController()
  const headers = new Headers(lastEventId === undefined ? {} : { 'last-event-id': lastEventId })
  const response = await fetch(`${url}/api/events`, { headers, signal: controller.signal })
  const found: { id: string | null; data: string }[] = []
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString('utf8')
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1]
      if (data !== undefined) found.push({ id: /^id: (.*)$/m.exec(block)?.[1] ?? null, data })
    }
    if (found.length >= count) break
  }
  controller.abort()
  return found.slice(0, count)
}

test('events arrive as they happen, and a reader that was cut off gets what it missed', async () => {
  const server = await openTestServer({ engine: createFakeEngine({ stepMs: 10 }) })
  const reading = readEvents(server.url, 3)
  await new Promise(resolve => setTimeout(resolve, 100))
  const job = await server.app.api.jobs.submit(small)
  const first = await reading
  expect(JSON.parse(first[0].data)).toMatchObject({ type: 'job', job: { id: job.id } })
  await server.app.finished(job.id)
  const all = await readEvents(server.url, 5, `${first[0].id?.split('-')[0]}-0`)
  expect(all.slice(0, 3)).toEqual(first)
  const later = await readEvents(server.url, 2, all[2].id ?? '')
  expect(later).toEqual(all.slice(3, 5))
})

test.each(['another-7', 'nonsense', ''])(
  'a reader whose last event is not known any more is told to query again: %s',
  async id => {
    const server = await openTestServer()
    await server.app.api.settings.update({ theme: 'dark' })
    const [event] = await readEvents(server.url, 1, id)
    expect(JSON.parse(event.data)).toEqual({ type: 'reset' })
  },
)

test('closing the server ends open event streams', async () => {
  const app = await openTestApp()
  const server = await startServer({
    app,
    host: '127.0.0.1',
    port: 0,
    token: null,
    pageFolder: '/nowhere',
    log: app.log,
  })
  const response = await fetch(`${server.url}/api/events`)
  expect((await fetch(server.url)).status).toBe(503)
  await server.close()
  await response.text()
  await expect(fetch(server.url)).rejects.toThrow()
})
