import { readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { EDIT_DEFAULTS } from '#contract/edit'
import { encodePng } from '#imaging/png-encode'
import { createFakeEngine } from '#test/fake-engine'
import { openTestApp } from '#test/test-app'

const picture = await encodePng({ width: 3, height: 2, data: new Uint8Array(18).fill(90) })
const base64 = Buffer.from(picture).toString('base64')

test('a picture that comes in twice is kept once, under the hash of its bytes', async () => {
  const app = await openTestApp()
  const first = await app.api.sources.import({ base64 })
  expect(await app.api.sources.import({ base64 })).toEqual(first)
  expect(first).toMatchObject({ type: 'image/png', sizeBytes: picture.length })
  expect(await readdir(join(app.dataFolder, 'sources'))).toEqual([first.id])
  expect(Buffer.compare(await readFile(join(app.dataFolder, 'sources', first.id)), picture)).toBe(0)
})

test('a file that only calls itself a picture is refused by its first bytes', async () => {
  const app = await openTestApp()
  for (const text of ['<svg xmlns="http://www.w3.org/2000/svg"/>', 'GIF', '%PDF-1.7']) {
    await expect(app.api.sources.import({ base64: Buffer.from(text).toString('base64') })).rejects.toMatchObject({
      code: 'invalid-input',
      issues: [{ path: 'base64', value: 'a file of another kind' }],
    })
  }
  await expect(app.api.sources.import({ base64: 'no base64!' })).rejects.toMatchObject({ code: 'invalid-input' })
})

test('a request carries its edit with every value in force, and the engine is told where the pictures are', async () => {
  const engine = createFakeEngine()
  const app = await openTestApp({ engine })
  const { id } = await app.api.sources.import({ base64 })
  const job = await app.api.jobs.submit({ prompt: 'a hat', steps: 2, edit: { source: id, strength: 0.5 } })
  expect(job.request.edit).toEqual({ ...EDIT_DEFAULTS, source: id, strength: 0.5 })
  await app.finished(job.id)
  expect(engine.jobs[0]).toMatchObject({ sourcesFolder: join(app.dataFolder, 'sources') })
})

test('an edit of a picture that was never imported is refused at its field', async () => {
  const app = await openTestApp()
  const { id } = await app.api.sources.import({ base64 })
  const edit = { source: id, mask: 'f'.repeat(64) }
  await expect(app.api.jobs.submit({ prompt: 'a hat', edit })).rejects.toMatchObject({
    code: 'invalid-input',
    issues: [{ path: 'edit.mask' }],
  })
})

test('a picture of the gallery can be the source', async () => {
  const app = await openTestApp()
  const job = await app.finished((await app.api.jobs.submit({ prompt: 'a hat', steps: 1 })).id)
  const { id } = await app.api.sources.fromImage({ id: job.results[0] })
  const kept = await readFile(join(app.dataFolder, 'sources', id))
  expect(Buffer.compare(kept, await readFile(await app.imageFile(job.results[0])))).toBe(0)
})

test('a picture that nothing starts from any more is removed after a month, one that is named stays', async () => {
  const before = await openTestApp()
  const bytes = await Promise.all(
    [1, 2, 3, 4].map(i => encodePng({ width: 1, height: 1, data: new Uint8Array(3).fill(i) })),
  )
  const [edited, controlled, old, recent] = await Promise.all(
    bytes.map(async png => (await before.api.sources.import({ base64: Buffer.from(png).toString('base64') })).id),
  )
  const job = await before.api.jobs.submit({ prompt: '"edit":', steps: 2, edit: { source: edited, mask: controlled } })
  await before.finished(job.id)
  await before.dispose()
  const folder = join(before.dataFolder, 'sources')
  const longAgo = Date.now() / 1000 - 31 * 24 * 60 * 60
  const half = `${old}.0123abcd.part`
  await writeFile(join(folder, half), 'what a crash left')
  await writeFile(join(folder, 'notes.txt'), 'not ours')
  for (const name of [edited, controlled, old, recent, half, 'notes.txt'])
    await utimes(join(folder, name), longAgo, longAgo)
  const aside = await openTestApp({ dataFolder: before.dataFolder, host: 'cli' })
  await aside.api.sources.import({ base64: Buffer.from(bytes[3]).toString('base64') })
  await aside.dispose()
  expect(await readdir(folder)).toHaveLength(6)
  const after = await openTestApp({ dataFolder: before.dataFolder })
  await after.dispose()
  expect(new Set(await readdir(folder))).toEqual(new Set([edited, controlled, recent, 'notes.txt']))
})

test('a picture that is removed for good leaves no copy behind, unless another one was made from it', async () => {
  const app = await openTestApp()
  const make = async (edit?: { source: string }) =>
    (await app.finished((await app.api.jobs.submit({ prompt: 'a hat', steps: 2, ...(edit && { edit }) })).id))
      .results[0]
  const removeForGood = async (id: string) => {
    await app.api.gallery.delete({ ids: [id] })
    await app.api.gallery.purge({ ids: [id] })
  }
  const [alone, parent] = [await make(), await make()]
  await app.api.sources.fromImage({ id: alone })
  const { id: source } = await app.api.sources.fromImage({ id: parent })
  const child = await make({ source })
  await removeForGood(alone)
  await removeForGood(parent)
  expect(await readdir(join(app.dataFolder, 'sources'))).toEqual([source])
  expect((await app.api.gallery.get({ id: child })).request.edit?.source).toBe(source)
})
