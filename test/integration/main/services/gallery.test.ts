import { access, copyFile, open, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import type { GalleryPage } from '#contract/gallery'
import { scratchFolder } from '#test/scratch-folder'
import { openTestApp, type TestApp } from '#test/test-app'
import { said } from '#test/said'

async function make(app: TestApp, images = 1): Promise<string[]> {
  const job = await app.api.jobs.submit({ prompt: 'ein Häuschen 🏠 家', width: 64, height: 96, steps: 1, images })
  return (await app.finished(job.id)).results
}

test('a deleted picture leaves the lists and its file goes to the bin; restore brings both back', async () => {
  const app = await openTestApp()
  const [id] = await make(app)
  const path = await app.imageFile(id)
  expect(await app.api.gallery.delete({ ids: [id, id] })).toEqual({ deleted: [id] })
  expect((await app.api.gallery.list({})).images).toEqual([])
  await expect(app.imageFile(id)).rejects.toMatchObject({ code: 'not-found' })
  await expect(access(path)).rejects.toThrow()
  expect(await readdir(join(app.dataFolder, 'images/bin'))).toEqual([`${id}.png`])
  const { restored } = await app.api.gallery.restore({ ids: [id] })
  expect(restored.map(image => image.id)).toEqual([id])
  expect(await app.imageFile(id)).toBe(path)
  await access(path)
})

test('an unknown id is named and nothing of the rest is deleted', async () => {
  const app = await openTestApp()
  const [id] = await make(app)
  await expect(app.api.gallery.delete({ ids: [id, 'nobody'] })).rejects.toThrow('nobody')
  expect((await app.api.gallery.list({})).total).toBe(1)
})

test('pages are followed by their cursor to the end without gaps', async () => {
  const app = await openTestApp()
  const ids = await make(app, 5)
  const found: string[] = []
  let cursor: string | undefined
  do {
    const page: GalleryPage = await app.api.gallery.list({ limit: 2, ...(cursor === undefined ? {} : { cursor }) })
    found.push(...page.images.map(image => image.id))
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  expect(found).toEqual(ids.toReversed())
  await expect(app.api.gallery.list({ cursor: 'x' })).rejects.toMatchObject({ code: 'invalid-input' })
})

test('a favourite is kept', async () => {
  const app = await openTestApp()
  const [id] = await make(app)
  await app.api.gallery.setFavourite({ id, favourite: true })
  expect(await app.api.gallery.get({ id })).toMatchObject({ favourite: true })
})

test('with the database gone the gallery is rebuilt from the files, whatever else lies there', async () => {
  const dataFolder = await scratchFolder()
  const before = await openTestApp({ dataFolder })
  const ids = await make(before, 3)
  const [record] = (await before.api.gallery.list({})).images
  await before.dispose()
  for (const file of ['easel.db', 'easel.db-wal', 'easel.db-shm'])
    await rename(join(dataFolder, file), join(dataFolder, `old-${file}`)).catch(() => undefined)
  await writeFile(join(dataFolder, 'images', 'holiday.png'), 'not a picture')
  await copyFile(join(dataFolder, 'images', `${ids[0]}.png`), join(dataFolder, 'images', 'renamed-by-the-user.png'))

  const after = await openTestApp({ dataFolder })
  const { images, total } = await after.api.gallery.list({})
  expect(total).toBe(4)
  const again = images.find(image => image.id === record.id)
  expect(again).toEqual({ ...record, createdAt: expect.any(Number) as unknown, durationMs: null })
  expect((await after.api.app.info({})).notices).toEqual([])
})

test('what was in the bin is in the bin again when the gallery is rebuilt', async () => {
  const before = await openTestApp()
  const [kept, binned] = await make(before, 2)
  await before.api.gallery.delete({ ids: [binned] })
  await before.dispose()
  await rm(join(before.dataFolder, 'easel.db'))
  const after = await openTestApp({ dataFolder: before.dataFolder })
  const idsOf = async (query: { bin?: true }) => (await after.api.gallery.list(query)).images.map(({ id }) => id)
  expect(await idsOf({})).toEqual([kept])
  expect(await idsOf({ bin: true })).toEqual([binned])
  expect(await after.api.gallery.emptyBin({})).toEqual({ purged: [binned] })
  expect(await readdir(join(after.dataFolder, 'images/bin'))).toEqual([])
})

test('damage that only the first write meets does not keep the application from opening', async () => {
  const before = await openTestApp()
  const [id] = await make(before)
  await before.dispose()
  const file = join(before.dataFolder, 'easel.db')
  const database = new DatabaseSync(file)
  const page = Number(database.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'process'").get()?.['rootpage'])
  const size = Number(database.prepare('PRAGMA page_size').get()?.['page_size'])
  database.close()
  const handle = await open(file, 'r+')
  await handle.write(Buffer.alloc(size, 0xff), 0, size, (page - 1) * size)
  await handle.close()
  const after = await openTestApp({ dataFolder: before.dataFolder })
  expect((await after.api.gallery.list({})).images.map(image => image.id)).toEqual([id])
  expect(said((await after.api.app.info({})).notices)).toEqual([expect.stringContaining('database was damaged')])
})

test('a damaged database is moved aside, the gallery rebuilt, and the user told', async () => {
  const dataFolder = await scratchFolder()
  const before = await openTestApp({ dataFolder })
  const [id] = await make(before)
  await before.dispose()
  for (const file of ['easel.db-wal', 'easel.db-shm'])
    await rename(join(dataFolder, file), join(dataFolder, `old-${file}`)).catch(() => undefined)
  await writeFile(join(dataFolder, 'easel.db'), 'x'.repeat(8192))

  const after = await openTestApp({ dataFolder })
  expect((await after.api.gallery.list({})).images.map(image => image.id)).toEqual([id])
  expect(said((await after.api.app.info({})).notices)).toEqual([expect.stringContaining('database was damaged')])
  expect((await readdir(dataFolder)).filter(name => name.includes('.damaged-'))).not.toEqual([])
  expect(await make(after)).toHaveLength(1)
})

async function makeOf(app: TestApp, prompt: string, part: object = {}): Promise<string> {
  const job = await app.api.jobs.submit({ prompt, width: 64, height: 64, steps: 1, images: 1, ...part })
  return (await app.finished(job.id)).results[0]
}

test('pictures are found by parts of words in any script, by favourite, sampler, time and model', async () => {
  const app = await openTestApp()
  const fox = await makeOf(app, 'ein Fuchs im Schnee', { scheduler: 'euler' })
  const cat = await makeOf(app, '家の猫, a "quoted" 100% cat_x')
  await app.api.gallery.setFavourite({ id: cat, favourite: true })
  const find = async (query: object) => (await app.api.gallery.list(query)).images.map(image => image.id)
  expect(await find({ search: 'SCHNEE fuch' })).toEqual([fox])
  expect(await find({ search: 'schnee cat' })).toEqual([])
  expect(await find({ search: '猫' })).toEqual([cat])
  expect(await find({ search: '"quoted"' })).toEqual([cat])
  expect(await find({ search: '0%' })).toEqual([cat])
  expect(await find({ search: 't_' })).toEqual([cat])
  expect(await find({ search: 'u_h' })).toEqual([])
  expect(await find({ search: 'schnee\0fuchs' })).toEqual([fox])
  expect(await find({ favourite: true })).toEqual([cat])
  expect(await find({ scheduler: 'euler' })).toEqual([fox])
  expect(await find({ model: 'starter' })).toEqual([cat, fox])
  expect(await find({ model: 'other' })).toEqual([])
  expect(await find({ since: Date.now() + 60_000 })).toEqual([])
  expect(await app.api.gallery.list({ search: 'ein', limit: 1 })).toMatchObject({ total: 1, nextCursor: null })
})

test('a view can jump to any place of the list', async () => {
  const app = await openTestApp()
  const ids = (await make(app, 5)).toReversed()
  const { images, total } = await app.api.gallery.list({ offset: 3, limit: 1 })
  expect(images.map(image => image.id)).toEqual([ids[3]])
  expect(total).toBe(5)
  expect((await app.api.gallery.list({ offset: 9 })).images).toEqual([])
})

test('the bin is listed; what is purged is gone from disk and can be found no more, and the rest can still be restored', async () => {
  const app = await openTestApp()
  const [kept, restored, purged] = await make(app, 3)
  await expect(app.api.gallery.purge({ ids: [kept] })).rejects.toMatchObject({ code: 'not-found' })
  await app.api.gallery.delete({ ids: [restored, purged] })
  expect((await app.api.gallery.list({ bin: true })).images.map(image => image.id)).toEqual([purged, restored])
  expect(await app.api.gallery.purge({ ids: [purged] })).toEqual({ purged: [purged] })
  expect(await readdir(join(app.dataFolder, 'images/bin'))).toEqual([`${restored}.png`])
  await expect(app.api.gallery.restore({ ids: [purged] })).rejects.toMatchObject({ code: 'not-found' })
  await app.api.gallery.restore({ ids: [restored] })
  await app.api.gallery.delete({ ids: [restored, kept] })
  expect((await app.api.gallery.emptyBin({})).purged.toSorted()).toEqual([kept, restored].toSorted())
  expect(await app.api.gallery.list({ bin: true })).toMatchObject({ total: 0, images: [] })
  expect(await readdir(join(app.dataFolder, 'images/bin'))).toEqual([])
})

test('the file of a picture is shown where the host can, and its place is said everywhere', async () => {
  const shown: string[] = []
  const desktop = await openTestApp({ host: 'electron', showFile: path => shown.push(path) })
  const [id] = await make(desktop)
  const path = await desktop.imageFile(id)
  expect(await desktop.api.gallery.showFile({ id })).toEqual({ path, isShown: true })
  expect(shown).toEqual([path])
  const server = await openTestApp()
  const [other] = await make(server)
  expect(await server.api.gallery.showFile({ id: other })).toEqual({
    path: await server.imageFile(other),
    isShown: false,
  })
})

test('clearing the history forgets ended jobs and keeps their pictures', async () => {
  const app = await openTestApp()
  const ids = await make(app, 2)
  expect(await app.api.jobs.clearFinished({})).toEqual({ cleared: 1 })
  expect(await app.api.jobs.list({})).toEqual([])
  expect((await app.api.gallery.list({})).images.map(image => image.id)).toEqual(ids.toReversed())
  expect(app.seen.at(-1)).toEqual({ type: 'jobs-cleared' })
})
