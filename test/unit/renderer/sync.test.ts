import { expect, test } from 'vitest'
import { DEFAULT_SETTINGS } from '#contract/settings'
import { createFakeClient } from '#test/fake-client'
import { aJob, aModel, anImage, createPageStores } from '#test/page-stores'
import { aNotice } from '#test/said'
import { useJobs } from '../../../renderer/stores/jobs.ts'
import { useModels } from '../../../renderer/stores/models.ts'
import { useNotices } from '../../../renderer/stores/notices.ts'
import { usePictures } from '../../../renderer/stores/pictures.ts'
import { startSync } from '../../../renderer/sync.ts'

const INFO = {
  ...{ name: 'Easel', version: '1', host: 'server' as const },
  ...{ imagesFolder: '', modelFolders: [], providers: [], notices: [aNotice('The index was rebuilt.')] },
}

function start() {
  const client = createFakeClient({
    'settings.get': () => DEFAULT_SETTINGS,
    'app.info': () => INFO,
    'models.list': () => [aModel()],
    'jobs.list': () => [aJob()],
    'styles.list': () => [],
    'presets.list': () => [],
    'wildcards.list': () => ({ lists: [], unusable: [] }),
    'gallery.list': () => ({ images: [anImage()], nextCursor: null, total: 1 }),
  })
  const { app } = createPageStores({ client })
  const stores = app.runWithContext(() => ({ jobs: useJobs(), pictures: usePictures(), models: useModels() }))
  return {
    client,
    notices: app.runWithContext(() => useNotices()),
    ...stores,
    stop: app.runWithContext(() => startSync(client, { t: key => key, locale: { value: 'en' } })),
  }
}

test('everything is asked for when the connection opens, and again when it opens anew', async () => {
  const { client, jobs, models, pictures } = start()
  expect(client.calls).toHaveLength(0)
  client.setState('open')
  await expect.poll(() => [jobs.all.length, models.all.length, pictures.newestFirst.length]).toEqual([1, 1, 1])
  client.setState('lost')
  client.setState('open')
  expect(client.calls).toHaveLength(16)
})

test('what happened at the start of the program is told', async () => {
  const { client, notices } = start()
  client.setState('open')
  await expect.poll(() => notices.current?.text).toBe('The index was rebuilt.')
})

test('it is told once: not again when a lost connection comes back', async () => {
  const { client, notices } = start()
  client.setState('open')
  await expect.poll(() => notices.current).not.toBeNull()
  notices.dismiss()
  client.setState('lost')
  client.setState('open')
  await expect.poll(() => client.calls.filter(({ method }) => method === 'app.info')).toHaveLength(2)
  await Promise.resolve()
  expect(notices.current).toBeNull()
})

test('a reset from the host asks for everything again', () => {
  const { client } = start()
  client.push({ type: 'reset' })
  expect(client.calls.map(call => call.method)).toContain('jobs.list')
})

test('events reach the stores until the page stops listening', () => {
  const { client, jobs, pictures, stop } = start()
  client.push({ type: 'job', job: aJob({ state: 'running' }) })
  client.push({ type: 'image-added', image: anImage({ id: 'new' }) })
  client.push({ type: 'images-removed', ids: ['new'] })
  expect([jobs.running?.id, pictures.newestFirst.length]).toEqual(['job', 0])
  stop()
  client.push({ type: 'job', job: aJob({ revision: 2, state: 'done' }) })
  expect(jobs.running?.id).toBe('job')
})
