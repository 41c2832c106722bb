/** The queue on a real database that is full for a while. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { AppError } from '#contract/errors'
import { GENERATION_DEFAULTS } from '#contract/generation'
import type { JobSnapshot } from '#contract/jobs'
import { createEvents } from '#services/events'
import { createJobQueue } from '#services/job-queue'
import { openDatabase } from '#storage/database'
import { createJobStore } from '#storage/job-store'
import { scratchFolder } from '#test/scratch-folder'
import { createSilentLog } from '#test/silent-log'

const OWNER = 'me'
const JOB: JobSnapshot = {
  id: 'job',
  revision: 1,
  state: 'queued',
  request: { ...GENERATION_DEFAULTS, model: 'm', prompt: 'an apple', seed: 5, width: 64, height: 96 },
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
}

test('a job that ends while the database is full is shown as it ended, and stored when there is room again', async () => {
  const { database } = openDatabase(join(await scratchFolder(), 'easel.db'), () => 1)
  const store = createJobStore(database)
  const full = new AppError('storage-full', 'The disk is full.')
  let isFull = false
  const forgotten: string[] = []
  const log = createSilentLog()
  const { promise: idle, resolve: setIdle } = Promise.withResolvers<undefined>()
  const queue = createJobQueue({
    store: {
      ...store,
      update(job, owner) {
        if (isFull) throw full
        return store.update(job, owner)
      },
    },
    owner: OWNER,
    events: createEvents(log),
    now: () => 2,
    log,
    run() {
      isFull = true
      return Promise.reject(full)
    },
    forget: async id => void forgotten.push(id),
    onIdle: isIdle => void (isIdle && setIdle(undefined)),
  })

  queue.submit(JOB)
  await idle
  const ended = { state: 'failed', error: { code: 'storage-full' } }
  expect(queue.get('job')).toMatchObject(ended)
  expect(queue.listUnstored()).toMatchObject([ended])
  expect(store.find('job')).toMatchObject({ state: 'running' })
  await expect(queue.storeEnds()).rejects.toThrow(full)
  expect(forgotten).toEqual([])

  isFull = false
  await queue.storeEnds()
  expect(store.find('job')).toMatchObject(ended)
  expect(queue.listUnstored()).toEqual([])
  expect(forgotten).toEqual(['job'])
  database.close()
})
