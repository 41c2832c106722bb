import { mkdir, open, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { GENERATION_DEFAULTS, type GenerationRequest } from '#contract/generation'
import type { JobSnapshot } from '#contract/jobs'
import { openDatabase } from '#storage/database'
import { createGalleryStore } from '#storage/gallery-store'
import { createJobStore } from '#storage/job-store'
import { readPictureFile } from '#storage/picture-file'
import { createProcessStore } from '#storage/process-store'
import { writeAtomic } from '#storage/write-atomic'
import { writePicture } from '#test/fake-engine'
import { scratchFolder } from '#test/scratch-folder'
import { aNotice } from '#test/said'

const now = () => 1000
const request: GenerationRequest = {
  ...GENERATION_DEFAULTS,
  model: 'm',
  prompt: 'ein Apfel 🍎',
  seed: 5,
  width: 64,
  height: 96,
}

function job(id: string, part: Partial<JobSnapshot> = {}): JobSnapshot {
  return {
    id,
    revision: 1,
    state: 'queued',
    request,
    createdAt: 1,
    startedAt: null,
    finishedAt: null,
    progress: null,
    cancelling: false,
    results: [],
    error: null,
    skipped: [],
    cell: null,
    notices: [],
    ...part,
  }
}

function picture(id: string, createdAt = 1) {
  const size = { width: 64, height: 96, sizeBytes: 1 }
  const record = { id, jobId: null, createdAt, fileName: `${id}.png`, ...size, request, durationMs: null }
  return { record: { ...record, notices: [], favourite: false }, imageIndex: 0, folder: null }
}

async function openStores() {
  const { database } = openDatabase(join(await scratchFolder(), 'easel.db'), now)
  return {
    database,
    jobs: createJobStore(database),
    images: createGalleryStore(database),
    processes: createProcessStore(database),
  }
}

test('a job reads back as it was stored', async () => {
  const { jobs } = await openStores()
  const failed = job('a', {
    state: 'failed',
    finishedAt: 9,
    error: { code: 'internal', message: 'm' },
    notices: [aNotice('n')],
  })
  jobs.insert(failed, 'me')
  expect(jobs.find('a')).toEqual(failed)
  expect(jobs.find('b')).toBeNull()
})

test('unfinished jobs come in the order of the queue and only to their owner', async () => {
  const { jobs } = await openStores()
  for (const id of ['c', 'a', 'b']) jobs.insert(job(id), 'me')
  jobs.insert(job('x'), 'other')
  jobs.update(job('a', { state: 'done', finishedAt: 5 }), 'me')
  expect(jobs.listUnfinished('me').map(j => j.id)).toEqual(['c', 'b'])
  expect(jobs.listFinished(10).map(j => j.id)).toEqual(['a'])
})

test('a job is not written by a process that does not own it', async () => {
  const { jobs } = await openStores()
  jobs.insert(job('a'), 'me')
  expect(jobs.update(job('a', { state: 'done' }), 'other')).toBe(false)
  expect(jobs.find('a')?.state).toBe('queued')
})

test('only jobs whose process is not registered are adopted', async () => {
  const { jobs, processes } = await openStores()
  processes.beat({ id: 'living', pid: 1, machine: 'm', host: 'cli', seenAt: 1 })
  jobs.insert(job('a'), 'living')
  jobs.insert(job('b'), 'dead')
  jobs.insert(job('c', { state: 'done', finishedAt: 2 }), 'dead')
  expect(jobs.adoptOrphans('me')).toEqual(['b'])
  expect(jobs.listUnfinished('me').map(j => j.id)).toEqual(['b'])
})

test('pages of the gallery go on exactly where the last one ended, also within one millisecond', async () => {
  const { images } = await openStores()
  for (const [id, createdAt] of [
    ['a', 1],
    ['b', 2],
    ['c', 2],
    ['d', 3],
  ] as const) {
    expect(images.insert(picture(id, createdAt))).toBe(true)
    expect(images.insert(picture(id, createdAt))).toBe(false)
  }
  const first = images.list({}, { limit: 2, after: null, offset: 0 })
  expect(first.map(image => image.id)).toEqual(['d', 'c'])
  expect(images.list({}, { limit: 2, after: { createdAt: 2, id: 'c' }, offset: 0 }).map(image => image.id)).toEqual([
    'b',
    'a',
  ])
  images.setDeleted('b', 7)
  expect(images.list({}, { limit: 9, after: null, offset: 0 }).map(image => image.id)).toEqual(['d', 'c', 'a'])
  expect(images.count({})).toBe(3)
})

test('a transaction that fails leaves nothing', async () => {
  const { database, jobs } = await openStores()
  const fail = () =>
    database.transaction(() => {
      jobs.insert(job('a'), 'me')
      throw new Error('stop')
    })
  expect(fail).toThrow('stop')
  expect(jobs.find('a')).toBeNull()
})

test('a database that is opened again keeps its rows and is not new', async () => {
  const file = join(await scratchFolder(), 'easel.db')
  const first = openDatabase(file, now)
  expect(first.isNew).toBe(true)
  createJobStore(first.database).insert(job('a'), 'me')
  first.database.close()
  const second = openDatabase(file, now)
  expect(second.isNew).toBe(false)
  expect(createJobStore(second.database).find('a')?.id).toBe('a')
})

test('a damaged database is moved aside and a new one begun', async () => {
  const folder = await scratchFolder()
  const file = join(folder, 'easel.db')
  await writeFile(file, 'this is not a database, but long enough to look like one '.repeat(100))
  const opened = openDatabase(file, now)
  expect(opened.isNew).toBe(true)
  expect(opened.damagedCopy).toBe(`${file}.damaged-1000`)
  expect(await readFile(`${file}.damaged-1000`, 'utf8')).toContain('not a database')
})

test('damage that is met while working leads to a new database at the next start, whatever the opening reads', async () => {
  const file = join(await scratchFolder(), 'easel.db')
  const first = openDatabase(file, now).database
  const images = createGalleryStore(first)
  for (let i = 0; i < 500; i++) images.insert(picture(`p${i}`))
  first.close()
  const { size } = await stat(file)
  const handle = await open(file, 'r+')
  const damage = Buffer.alloc(size / 16, 0xff) // at the end lie the newest rows
  await handle.write(damage, 0, damage.length, size - damage.length)
  await handle.close()
  const second = openDatabase(file, now)
  expect(second.damagedCopy).toBeNull()
  const all = { limit: 500, after: null, offset: 0 }
  expect(() => createGalleryStore(second.database).list({}, all)).toThrow(
    expect.objectContaining({ code: 'storage-corrupt' }) as Error,
  )
  second.database.close()
  const third = openDatabase(file, now)
  expect(third).toMatchObject({ isNew: true, damagedCopy: `${file}.damaged-1000` })
  third.database.close()
  expect(openDatabase(file, now).damagedCopy).toBeNull()
})

test('a path that is too long for SQLite is told as such', async () => {
  const folder = join(await scratchFolder(), 'x'.repeat(200), 'y'.repeat(200), 'z'.repeat(200))
  await mkdir(folder, { recursive: true })
  expect(() => openDatabase(join(folder, 'easel.db'), now)).toThrow(/its path is too long for SQLite/)
})

test('a database of a newer Easel is refused and left alone', async () => {
  const file = join(await scratchFolder(), 'easel.db')
  const { database } = openDatabase(file, now)
  database.run('PRAGMA user_version = 99')
  database.close()
  expect(() => openDatabase(file, now)).toThrow(/newer Easel/)
})

test('a row that does not fit its schema is an error and not a guess', async () => {
  const { database } = await openStores()
  expect(() => database.get(z.object({ n: z.string() }), 'SELECT 1 AS n')).toThrow()
})

test('writeAtomic replaces a file whole and leaves nothing beside it', async () => {
  const folder = await scratchFolder()
  const file = join(folder, 'new/settings.json')
  await writeAtomic(file, 'one')
  await writeAtomic(file, 'two')
  expect(await readFile(file, 'utf8')).toBe('two')
  expect(await readdir(join(folder, 'new'))).toEqual(['settings.json'])
})

test('writeAtomic onto a folder fails with a clear error and leaves nothing', async () => {
  const folder = await scratchFolder()
  await mkdir(join(folder, 'taken/inner'), { recursive: true })
  await expect(writeAtomic(join(folder, 'taken'), 'x')).rejects.toMatchObject({ code: 'storage-denied' })
  expect(await readdir(folder)).toEqual(['taken'])
})

test('a picture says what made it, with size and any script in the prompt', async () => {
  const file = join(await scratchFolder(), 'a.png')
  await writePicture(file, request, { appVersion: '1.2.3' })
  const picture = await readPictureFile(file)
  expect(picture).toMatchObject({ info: { appVersion: '1.2.3', request }, width: 64, height: 96 })
})

test('a cut-off picture, a foreign file and a missing one are not pictures', async () => {
  const folder = await scratchFolder()
  const file = join(folder, 'a.png')
  await writePicture(file, request, { appVersion: '1.2.3' })
  const { length } = await readFile(file)
  await truncate(file, length - 20)
  expect(await readPictureFile(file)).toBeNull()
  await writeFile(file, 'GIF89a, and then something that is not a PNG at all')
  expect(await readPictureFile(file)).toBeNull()
  expect(await readPictureFile(join(folder, 'none.png'))).toBeNull()
})

test.each(['/proc/easel/deep', '/dev/null/easel'])(
  'a place that can hold no file is refused at once: %s',
  async path => {
    await expect(writeAtomic(`${path}/x`, 'x')).rejects.toMatchObject({ code: 'storage-denied' })
  },
)
