import { expect, test } from 'vitest'
import { aJob, createPageStores } from '#test/page-stores'
import { useJobs } from '../../../../renderer/stores/jobs.ts'

function createJobs() {
  const { app, client } = createPageStores()
  return { client, jobs: app.runWithContext(() => useJobs()) }
}

test('a snapshot that is older than the one at hand is dropped', () => {
  const { jobs } = createJobs()
  jobs.apply(aJob({ revision: 5, state: 'running' }))
  jobs.apply(aJob({ revision: 4, state: 'queued' }))
  expect(jobs.running?.id).toBe('job')
  jobs.apply(aJob({ revision: 6, state: 'done' }))
  expect(jobs.running).toBeNull()
})

test('a list that was on its way when an event came does not turn the job back', async () => {
  const { jobs, client } = createJobs()
  client.answers['jobs.list'] = () => {
    jobs.apply(aJob({ revision: 9, state: 'done' }))
    return [aJob({ revision: 3, state: 'running' })]
  }
  await jobs.refresh()
  expect(jobs.byId.get('job')?.state).toBe('done')
})

test('jobs that the host no longer lists are gone after a refresh, and its order holds', async () => {
  const { jobs, client } = createJobs()
  jobs.apply(aJob({ id: 'gone' }))
  jobs.apply(aJob({ id: 'second' }))
  client.answers['jobs.list'] = () => [aJob({ id: 'first' }), aJob({ id: 'second' })]
  await jobs.refresh()
  expect(jobs.waiting.map(job => job.id)).toEqual(['first', 'second'])
})

test('a preview is kept until its job is over, and none is taken afterwards', () => {
  const { jobs } = createJobs()
  const preview = { jobId: 'job', image: 0, step: 1, mediaType: 'image/jpeg', base64: '' } as const
  jobs.apply(aJob({ revision: 1, state: 'running' }))
  jobs.applyPreview(preview)
  expect(jobs.previews.has('job')).toBe(true)
  jobs.apply(aJob({ revision: 2, state: 'done' }))
  expect(jobs.previews.has('job')).toBe(false)
  jobs.applyPreview(preview)
  expect(jobs.previews.has('job')).toBe(false)
})

test('the newest finished job comes first in the history', () => {
  const { jobs } = createJobs()
  jobs.apply(aJob({ id: 'old', state: 'done', finishedAt: 10 }))
  jobs.apply(aJob({ id: 'new', state: 'failed', finishedAt: 20 }))
  expect(jobs.finished.map(job => job.id)).toEqual(['new', 'old'])
})
