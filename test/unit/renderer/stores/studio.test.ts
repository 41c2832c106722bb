import { nextTick } from 'vue'
import { expect, test } from 'vitest'
import { aJob, anImage, aRequest, createMemory, createPageStores } from '#test/page-stores'
import { useJobs } from '../../../../renderer/stores/jobs.ts'
import { usePictures } from '../../../../renderer/stores/pictures.ts'
import { useStudio } from '../../../../renderer/stores/studio.ts'

async function createStudio(older: string[] = [], memory = createMemory()) {
  const { app, client } = createPageStores({ memory })
  const images = older.map((id, index) => anImage({ id, createdAt: index + 1 })).toReversed()
  client.answers['gallery.list'] = () => ({ images, nextCursor: null, total: images.length })
  const stores = app.runWithContext(() => ({ studio: useStudio(), jobs: useJobs(), pictures: usePictures() }))
  await stores.pictures.refresh()
  const add = (id: string, at: number) => stores.pictures.apply(anImage({ id, createdAt: at }))
  return { ...stores, add, client }
}

test('the strip holds what was made since the session began, oldest first', async () => {
  const { studio, add } = await createStudio(['before'])
  add('b', 30)
  add('a', 20)
  expect(studio.strip.map(image => image.id)).toEqual(['a', 'b'])
})

test('the arrows walk along the strip and stop at its ends', async () => {
  const { studio, add } = await createStudio()
  for (const [index, id] of ['a', 'b', 'c'].entries()) add(id, index + 1)
  studio.step(-1)
  expect(studio.picture?.id).toBe('c')
  studio.step(-1)
  studio.step(-1)
  studio.step(-1)
  expect(studio.picture?.id).toBe('a')
})

test('the newer neighbour takes the place of a picture that goes, the older one at the end', async () => {
  const { studio, add } = await createStudio()
  for (const [index, id] of ['a', 'b', 'c'].entries()) add(id, index + 1)
  studio.showPicture('b')
  studio.moveOff(['b'])
  expect(studio.picture?.id).toBe('c')
  studio.moveOff(['c'])
  expect(studio.picture?.id).toBe('b')
})

test('jobs of this window take the stage one after the other, until the user looks at something else', async () => {
  const { studio, jobs, add } = await createStudio()
  add('a', 5)
  jobs.apply(aJob({ id: 'one', state: 'running' }))
  studio.follow('one')
  jobs.apply(aJob({ id: 'two' }))
  studio.follow('two')
  expect(studio.job?.id).toBe('one')
  jobs.apply(aJob({ id: 'one', revision: 2, state: 'done' }))
  jobs.apply(aJob({ id: 'two', revision: 2, state: 'running' }))
  await nextTick()
  expect(studio.job?.id).toBe('two')
  studio.showPicture('a')
  jobs.apply(aJob({ id: 'three', state: 'running' }))
  await nextTick()
  expect(studio.picture?.id).toBe('a')
})

test('the only picture of a job stands for it as soon as it is there', async () => {
  const { studio, jobs, add } = await createStudio()
  studio.follow('job')
  jobs.apply(aJob({ state: 'running', results: ['p'], request: aRequest({ images: 1 }) }))
  expect(studio.picture).toBeNull()
  add('p', 2)
  expect(studio.picture?.id).toBe('p')
})

test('a window that is opened again soon goes on with its session', async () => {
  const memory = createMemory({ studio: { sessionAfter: 1, lastSeenAt: Date.now() - 1000, selection: null } })
  const { studio } = await createStudio(['first', 'second'], memory)
  expect(studio.strip.map(image => image.id)).toEqual(['second'])
})
