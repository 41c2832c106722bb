import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { AppError } from '#contract/errors'
import type { GenerationInput } from '#contract/generation'
import { readPictureFile } from '#storage/picture-file'
import { createFakeEngine, writePicture } from '#test/fake-engine'
import { scratchFolder } from '#test/scratch-folder'
import { openTestApp, type TestApp } from '#test/test-app'
import { said } from '#test/said'

const small: GenerationInput = { prompt: 'a red apple', width: 64, height: 96, steps: 3 }

function imagesOf(app: TestApp): Promise<string[]> {
  return readdir(join(app.dataFolder, 'images'))
}

test('submit answers with a queued job at once, and the job ends with its pictures in the gallery', async () => {
  const app = await openTestApp()
  const { guidance } = (await app.api.models.get({ id: 'starter' })).recommended
  const job = await app.api.jobs.submit({ ...small, images: 2, seed: 7 })
  expect(job).toMatchObject({ state: 'queued', request: { model: 'starter', seed: 7, images: 2, guidance } })
  const done = await app.finished(job.id)
  expect(done).toMatchObject({ state: 'done', error: null, progress: null, cancelling: false })
  const { images, total } = await app.api.gallery.list({})
  expect(total).toBe(2)
  expect(images.map(image => image.id).reverse()).toEqual(done.results)
  expect(images.map(image => image.request.seed).sort()).toEqual([7, 8])
  expect(images[0]).toMatchObject({ width: 64, height: 96, jobId: job.id, request: { images: 1 } })
  expect((await stat(await app.imageFile(done.results[0]))).size).toBeGreaterThan(100)
})

test('every picture carries the hash of its model, and the second job does not read the model again', async () => {
  const engine = createFakeEngine()
  const app = await openTestApp({ engine })
  for (const seed of [1, 2]) await app.finished((await app.api.jobs.submit({ ...small, seed })).id)
  const [first, second] = engine.jobs.map(job => job.modelHash)
  expect(first).toMatch(/^[0-9a-f]{64}$/)
  expect(second).toBe(first)
  const [image] = await imagesOf(app)
  const file = await readPictureFile(join(app.dataFolder, 'images', image))
  expect(file?.info.modelHash).toBe(first)
  expect(await readdir(app.dataFolder)).toContain('file-hashes.json')
})

test('a drawn seed is written down', async () => {
  const app = await openTestApp()
  expect((await app.api.jobs.submit(small)).request.seed).toBe(4242)
})

test('jobs run one after the other in the order in which they came', async () => {
  const engine = createFakeEngine()
  const app = await openTestApp({ engine })
  const jobs = await Promise.all(['a', 'b', 'c'].map(prompt => app.api.jobs.submit({ ...small, prompt })))
  await Promise.all(jobs.map(job => app.finished(job.id)))
  expect(engine.jobs.map(job => job.request.prompt)).toEqual(['a', 'b', 'c'])
})

test('revisions of a job only grow, and the time left comes from the median step', async () => {
  const app = await openTestApp({ engine: createFakeEngine({ stepMs: 5 }) })
  const job = await app.api.jobs.submit({ ...small, images: 2 })
  await app.finished(job.id)
  const snapshots = app.seen.flatMap(event => (event.type === 'job' ? [event.job] : []))
  const revisions = snapshots.map(snapshot => snapshot.revision)
  expect(revisions).toEqual(revisions.toSorted((a, b) => a - b))
  expect(new Set(revisions).size).toBe(revisions.length)
  const first = snapshots.find(snapshot => snapshot.progress?.step === 1)
  expect(first?.progress).toMatchObject({ image: 0, step: 1, steps: 3, secondsLeft: (5 * 5) / 1000 })
})

test.each([
  [{ ...small, model: 'none' }, 'model', '"none"'],
  [{ ...small, seed: Number.MAX_SAFE_INTEGER, images: 2 }, 'seed', '9007199254740991'],
])('a request that cannot be made is refused by field before anything is stored: %j', async (input, path, value) => {
  const app = await openTestApp()
  await expect(app.api.jobs.submit(input)).rejects.toMatchObject({ code: 'invalid-input', issues: [{ path, value }] })
  expect(await app.api.jobs.list({})).toEqual([])
})

test('a cancel is acknowledged at once, ends the job within a step and keeps finished pictures', async () => {
  const app = await openTestApp({ engine: createFakeEngine({ stepMs: 30 }) })
  const job = await app.api.jobs.submit({ ...small, images: 3, steps: 4 })
  await app.until(event => event.type === 'image-added')
  const heard = await app.api.jobs.cancel({ id: job.id })
  expect(heard).toMatchObject({ state: 'running', cancelling: true })
  const ended = await app.finished(job.id)
  expect(ended).toMatchObject({ state: 'cancelled', cancelling: false, error: null })
  expect(ended.results).toHaveLength(1)
  expect(await imagesOf(app)).toEqual([`${ended.results[0]}.png`])
})

test('what was kept of a picture in work goes when its job is over, however it ended, and stays over a restart', async () => {
  const engine = createFakeEngine({
    stepMs: 20,
    beforeStep: async () => void (await writeFile(engine.jobs.at(-1)?.checkpoint ?? '', '{}')),
    failAt: ({ request }) => (request.seed === 2 ? new AppError('internal', 'No.') : undefined),
  })
  const app = await openTestApp({ engine })
  const kept = () => readdir(join(app.dataFolder, 'checkpoints'))
  const cancelled = await app.api.jobs.submit({ ...small, steps: 50, seed: 1 })
  await app.until(event => event.type === 'job' && event.job.progress?.step === 1)
  expect(await kept()).toEqual([`${cancelled.id}.json`])
  await app.api.jobs.cancel({ id: cancelled.id })
  for (const seed of [2, 3]) await app.finished((await app.api.jobs.submit({ ...small, steps: 2, seed })).id)
  const last = await app.api.jobs.submit({ ...small, steps: 50, seed: 4 })
  await app.until(event => event.type === 'job' && event.job.id === last.id && event.job.progress?.step === 1)
  await app.dispose()
  expect(await kept()).toEqual([`${last.id}.json`])
})

test('a skipped picture is not made, the next one is, and the job tells which it was, also after a restart', async () => {
  const app = await openTestApp({ engine: createFakeEngine({ stepMs: 20 }) })
  const job = await app.api.jobs.submit({ ...small, images: 3, steps: 4, seed: 5 })
  await app.until(event => event.type === 'job' && event.job.progress?.image === 1 && event.job.progress.step === 1)
  expect(await app.api.jobs.skipImage({ id: job.id, image: 0 })).toMatchObject({ skipped: [] })
  expect(await app.api.jobs.skipImage({ id: job.id, image: 1 })).toMatchObject({ state: 'running', skipped: [1] })
  expect(await app.finished(job.id)).toMatchObject({ state: 'done', skipped: [1] })
  const { images } = await app.api.gallery.list({})
  expect(images.map(image => image.request.seed).sort()).toEqual([5, 7])
  await app.dispose()
  const after = await openTestApp({ dataFolder: app.dataFolder })
  expect(await after.api.jobs.get({ id: job.id })).toMatchObject({ skipped: [1] })
})

test('a job whose every picture is skipped ends as cancelled', async () => {
  const app = await openTestApp({ engine: createFakeEngine({ stepMs: 20 }) })
  const job = await app.api.jobs.submit({ ...small, steps: 50 })
  await app.until(event => event.type === 'job' && event.job.progress?.step === 1)
  await app.api.jobs.skipImage({ id: job.id, image: 0 })
  expect(await app.finished(job.id)).toMatchObject({ state: 'cancelled', skipped: [0], results: [] })
})

test('a batch queues a job for every cell in order, and each keeps its place over a restart', async () => {
  const app = await openTestApp()
  const place = { row: 0, rowLabel: '' }
  const jobs = await app.api.jobs.submitBatch({
    cells: [1, 2].map((steps, column) => ({
      input: { ...small, steps },
      column,
      columnLabel: `${steps} steps`,
      ...place,
    })),
  })
  expect(jobs.map(job => job.request.steps)).toEqual([1, 2])
  expect(new Set(jobs.map(job => job.cell?.batch)).size).toBe(1)
  await Promise.all(jobs.map(job => app.finished(job.id)))
  await app.dispose()
  const after = await openTestApp({ dataFolder: app.dataFolder })
  expect((await after.api.jobs.get({ id: jobs[1].id })).cell).toEqual({
    ...jobs[1].cell,
    column: 1,
    columnLabel: '2 steps',
  })
})

test('a batch with one cell that cannot be made queues nothing', async () => {
  const app = await openTestApp()
  const place = { row: 0, rowLabel: '', column: 0, columnLabel: '' }
  const cells = ['starter', 'none'].map(model => ({ input: { ...small, model }, ...place }))
  await expect(app.api.jobs.submitBatch({ cells })).rejects.toMatchObject({ code: 'invalid-input' })
  expect(await app.api.jobs.list({})).toEqual([])
})

test('a queued job is cancelled without ever reaching the engine', async () => {
  const engine = createFakeEngine({ stepMs: 20 })
  const app = await openTestApp({ engine })
  const [first, second] = await Promise.all([app.api.jobs.submit(small), app.api.jobs.submit(small)])
  expect(await app.api.jobs.cancel({ id: second.id })).toMatchObject({ state: 'cancelled' })
  await app.finished(first.id)
  expect(engine.jobs).toHaveLength(1)
})

test('cancelAll ends everything and starts nothing', async () => {
  const engine = createFakeEngine({ stepMs: 20 })
  const app = await openTestApp({ engine })
  const jobs = await Promise.all([1, 2, 3].map(() => app.api.jobs.submit({ ...small, steps: 100 })))
  await app.until(event => event.type === 'job' && event.job.progress?.step === 1)
  await app.api.jobs.cancelAll({})
  const ended = await Promise.all(jobs.map(job => app.finished(job.id)))
  expect(ended.map(job => job.state)).toEqual(['cancelled', 'cancelled', 'cancelled'])
  expect(engine.jobs).toHaveLength(1)
})

test('a job that fails says why, and the next one works', async () => {
  const failure = new AppError('out-of-memory', 'No memory for the U-Net.')
  const engine = createFakeEngine({
    stepMs: 0,
    failAt: ({ call, step }) => (call === 0 && step === 1 ? failure : undefined),
  })
  const app = await openTestApp({ engine })
  const [bad, good] = await Promise.all([app.api.jobs.submit(small), app.api.jobs.submit(small)])
  expect(await app.finished(bad.id)).toMatchObject({
    state: 'failed',
    error: { code: 'out-of-memory', message: failure.message },
  })
  expect(await app.finished(good.id)).toMatchObject({ state: 'done' })
})

test('a lost engine is told, and only the missing pictures are made again', async () => {
  const lost = new AppError('engine-lost', 'The engine stopped.')
  const engine = createFakeEngine({
    stepMs: 0,
    failAt: ({ call, image }) => (call === 0 && image === 1 ? lost : undefined),
  })
  const app = await openTestApp({ engine })
  const job = await app.api.jobs.submit({ ...small, images: 3, seed: 10 })
  const done = await app.finished(job.id)
  expect(done).toMatchObject({ state: 'done', notices: [{ code: 'engine-restarted' }] })
  expect(said(done.notices)[0]).toContain('The engine stopped.')
  expect(done.results).toHaveLength(3)
  expect(engine.jobs.map(({ request }) => [request.seed, request.images])).toEqual([
    [10, 3],
    [11, 2],
  ])
})

test('a job that loses its engine twice fails', async () => {
  const engine = createFakeEngine({ stepMs: 0, failAt: () => new AppError('engine-lost', 'The engine stopped.') })
  const app = await openTestApp({ engine })
  const job = await app.api.jobs.submit(small)
  expect(await app.finished(job.id)).toMatchObject({ state: 'failed', error: { code: 'engine-lost' } })
  expect(engine.jobs).toHaveLength(2)
})

test('after a restart the running job and the queued ones go on, and no picture is made twice', async () => {
  const dataFolder = await scratchFolder()
  const before = await openTestApp({ dataFolder, engine: createFakeEngine({ stepMs: 20 }) })
  const running = await before.api.jobs.submit({ ...small, images: 3, seed: 100 })
  const queued = await before.api.jobs.submit({ ...small, prompt: 'a blue boat' })
  await before.until(event => event.type === 'image-added')
  await before.dispose()

  const engine = createFakeEngine()
  const after = await openTestApp({ dataFolder, engine })
  const done = await after.finished(running.id)
  expect(done).toMatchObject({ state: 'done', notices: [{ code: 'closed-after', facts: { done: 1, all: 3 } }] })
  expect(done.results).toHaveLength(3)
  expect(await after.finished(queued.id)).toMatchObject({ state: 'done', notices: [] })
  expect(engine.jobs.map(({ request }) => [request.seed, request.images])).toEqual([
    [101, 2],
    [4242, 1],
  ])
  expect((await after.api.gallery.list({})).total).toBe(4)
})

test('a picture that was written just before a crash is recorded, not made again', async () => {
  const dataFolder = await scratchFolder()
  const before = await openTestApp({ dataFolder, engine: createFakeEngine({ stepMs: 50 }) })
  const job = await before.api.jobs.submit({ ...small, seed: 3, steps: 50 })
  await before.until(event => event.type === 'job' && event.job.progress?.step === 1)
  await before.dispose()
  await writePicture(join(dataFolder, 'images', `${job.id}-00.png`), job.request, { appVersion: '1.2.3' })

  const engine = createFakeEngine()
  const after = await openTestApp({ dataFolder, engine })
  expect((await after.finished(job.id)).results).toEqual([`${job.id}-00`])
  expect(engine.jobs).toEqual([])
})

test('the jobs of a living process are left to it, and its pictures are seen', async () => {
  const dataFolder = await scratchFolder()
  const app = await openTestApp({ dataFolder })
  const engine = createFakeEngine({ stepMs: 20 })
  const cli = await openTestApp({ dataFolder, engine, host: 'cli' })
  const job = await cli.api.jobs.submit({ ...small, steps: 10 })
  expect(await app.api.jobs.list({})).toEqual([])
  await cli.finished(job.id)
  expect((await app.api.gallery.list({})).total).toBe(1)
  expect(engine.jobs).toHaveLength(1)
  await app.until(event => event.type === 'reset') // its views are told to look again
  expect(cli.seen.filter(event => event.type === 'reset')).toEqual([])
})

test('a CLI run does not take over what another process left', async () => {
  const dataFolder = await scratchFolder()
  const before = await openTestApp({ dataFolder, engine: createFakeEngine({ stepMs: 50 }) })
  const left = await before.api.jobs.submit(small)
  await before.dispose()
  const cli = await openTestApp({ dataFolder, host: 'cli' })
  expect(await cli.api.jobs.get({ id: left.id })).toMatchObject({ state: 'queued' })
  expect(await cli.api.jobs.list({})).toEqual([])
})

test('a folder for pictures that cannot be written is refused at submit, and nothing is queued', async () => {
  const dataFolder = await scratchFolder()
  await mkdir(dataFolder, { recursive: true })
  await writeFile(join(dataFolder, 'images'), 'a file where the folder should be')
  const app = await openTestApp({ dataFolder })
  await expect(app.api.jobs.submit(small)).rejects.toThrow(/images/)
  expect(await app.api.jobs.list({})).toEqual([])
})

test('a full disk ends the job with storage-full and nothing half written', async () => {
  const full = new AppError('storage-full', 'The disk is full.')
  const app = await openTestApp({
    engine: createFakeEngine({ stepMs: 0, failAt: ({ step }) => (step === 2 ? full : undefined) }),
  })
  const job = await app.api.jobs.submit(small)
  await app.until(event => event.type === 'job' && event.job.state === 'running')
  await writeFile(join(app.dataFolder, 'images', `${job.id}-00.png.part`), 'left by a killed engine')
  expect(await app.finished(job.id)).toMatchObject({ state: 'failed', error: { code: 'storage-full' } })
  expect(await imagesOf(app)).toEqual([])
})

test('without any model the error says where models are looked for', async () => {
  const folder = await scratchFolder()
  const app = await openTestApp({ modelFolders: [folder] })
  await expect(app.api.jobs.submit(small)).rejects.toMatchObject({
    code: 'model-missing',
    message: expect.stringContaining(folder) as unknown,
  })
})

test('jobs that are submitted at the moment when another one ends are never left lying', async () => {
  const app = await openTestApp()
  let left = 30
  app.events.subscribe(event => {
    if (event.type === 'job' && event.job.state === 'done' && left-- > 0) {
      for (let tick = 0, wait = Promise.resolve(); tick <= left % 6; tick++) {
        wait = wait.then()
        if (tick === left % 6) void wait.then(() => app.api.jobs.submit({ ...small, steps: 1 }))
      }
    }
  })
  await app.api.jobs.submit({ ...small, steps: 1 })
  await expect
    .poll(async () => (await app.api.jobs.list({})).filter(job => job.state === 'done').length, { timeout: 30_000 })
    .toBe(31)
})
