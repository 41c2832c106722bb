/** Small copies of pictures: made once, made anew when the picture changed, gone with it, and never waited for. */
import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { THUMBNAIL_SIDE } from '#contract/gallery'
import { createLocalEngine } from '#engine/local-engine'
import { decodePicture } from '#imaging/sharp-codec'
import { createThumbnails } from '#services/thumbnails'
import { createThumbnailFiles } from '#storage/thumbnail-files'
import { createFakeEngine } from '#test/fake-engine'
import { scratchFolder } from '#test/scratch-folder'
import { createSilentLog } from '#test/silent-log'
import { openTestApp, type TestApp } from '#test/test-app'
import { openTestServer } from '#test/test-server'

async function make(app: TestApp, size: { width: number; height: number }): Promise<string> {
  const job = await app.api.jobs.submit({ prompt: 'a fox', steps: 1, ...size })
  return (await app.finished(job.id)).results[0] ?? ''
}
const LARGE = { width: 1024, height: 800 }

/** However long the machine takes for it. */
async function finalOf(app: TestApp, id: string): Promise<string> {
  await expect.poll(async () => (await app.thumbnailFile(id)).isFinal, { timeout: 30_000 }).toBe(true)
  return (await app.thumbnailFile(id)).path
}

test('a large picture has a small one whose shorter side is as wanted, made once', async () => {
  const engine = createFakeEngine()
  let made = 0
  const counted = { ...engine, makeThumbnail: (a: string, b: string) => (made++, engine.makeThumbnail(a, b)) }
  const app = await openTestApp({ engine: counted })
  const id = await make(app, LARGE)
  await Promise.all([app.thumbnailFile(id), app.thumbnailFile(id)])
  const path = await finalOf(app, id)
  const { width, height } = await decodePicture(path)
  expect([width, height]).toEqual([512, THUMBNAIL_SIDE])
  expect((await stat(path)).size).toBeLessThan((await stat(await app.imageFile(id))).size)
  expect(made).toBe(1)
})

test('a small picture is its own', async () => {
  const app = await openTestApp()
  const id = await make(app, { width: 256, height: 400 })
  expect(await app.thumbnailFile(id)).toEqual({ path: await app.imageFile(id), isFinal: true })
})

test('a picture that was changed on the disk gets a new one', async () => {
  const app = await openTestApp()
  const [id, other] = [await make(app, LARGE), await make(app, { width: 800, height: 1024 })]
  const path = await finalOf(app, id)
  const picture = await app.imageFile(id)
  await writeFile(picture, await readFile(await app.imageFile(other)))
  const later = new Date(Date.now() + 5000)
  await utimes(picture, later, later)
  expect(await finalOf(app, id)).toBe(path)
  const { width, height } = await decodePicture(path)
  expect([width, height]).toEqual([THUMBNAIL_SIDE, 512])
})

test('a picture in the bin still has one, and one that is deleted for good takes it along', async () => {
  const app = await openTestApp()
  const id = await make(app, LARGE)
  await app.api.gallery.delete({ ids: [id] })
  await finalOf(app, id)
  expect(await readdir(join(app.dataFolder, 'thumbnails'))).toEqual([`${id}.webp`])
  await app.api.gallery.purge({ ids: [id] })
  expect(await readdir(join(app.dataFolder, 'thumbnails'))).toEqual([])
  await expect(app.thumbnailFile(id)).rejects.toMatchObject({ code: 'not-found' })
})

test('the picture stands in while the engine is in a step or cannot do it', async () => {
  const folder = await scratchFolder()
  const picture = { path: join(folder, 'x.png'), ...LARGE }
  const options = { files: createThumbnailFiles(folder), pictureOf: async () => picture, log: createSilentLog() }
  const busy = createThumbnails({
    ...options,
    engine: { makeThumbnail: () => new Promise(() => undefined) },
    patienceMs: 1,
  })
  expect(await busy.fileOf('x')).toEqual({ path: picture.path, isFinal: false })
  const engine = createLocalEngine({ createSession: () => Promise.reject(new Error('no network')), now: Date.now })
  await writeFile(picture.path, 'no picture')
  expect(await createThumbnails({ ...options, engine }).fileOf('x')).toEqual({ path: picture.path, isFinal: false })
  expect(await readdir(folder)).toEqual(['x.png'])
})

test('over HTTP a thumbnail may be kept for ever, and nothing else stands under its address', async () => {
  const { app, url } = await openTestServer()
  const id = await make(app, LARGE)
  await finalOf(app, id)
  const response = await fetch(`${url}/thumbnail/${id}`)
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/webp'])
  expect(response.headers.get('cache-control')).toContain('immutable')
  const etag = String(response.headers.get('etag'))
  expect((await fetch(`${url}/thumbnail/${id}`, { headers: { 'if-none-match': etag } })).status).toBe(304)
  for (const path of ['nobody', '..%2Feasel.db', ''])
    expect((await fetch(`${url}/thumbnail/${path}`)).status, path).toBe(404)
})
