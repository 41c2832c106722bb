import { expect, test, vi } from 'vitest'
import type { GalleryQuery } from '#contract/gallery'
import { anImage, createPageStores } from '#test/page-stores'
import { useGalleryList } from '../../../../renderer/stores/gallery-list.ts'

/** A host with so many pictures, p0 the newest. */
function createList(count: number) {
  const { app, client } = createPageStores()
  const all = Array.from({ length: count }, (_, i) => anImage({ id: `p${i}`, createdAt: count - i }))
  client.answers['gallery.list'] = ({ offset = 0, limit = 100, search }: GalleryQuery) => {
    const found = search === undefined ? all : all.filter(image => image.id.includes(search))
    return { images: found.slice(offset, offset + limit), nextCursor: null, total: found.length }
  }
  const list = app.runWithContext(() => useGalleryList())
  const asked = () => client.calls.map(call => (call.argument as GalleryQuery).offset)
  return { list, client, asked, all }
}

test('only what comes into sight is asked for, once', async () => {
  const { list, asked } = createList(100_000)
  await list.reload()
  expect(list.total).toBe(100_000)
  await Promise.all([list.ensure(70_010, 70_120), list.ensure(70_050, 70_090)])
  await list.ensure(70_000, 70_199)
  expect(asked()).toEqual([0, 70_000, 70_100])
  expect(list.between(70_050, 70_051).map(image => image.id)).toEqual(['p70050', 'p70051'])
  expect(list.records[50_000]).toBeUndefined()
})

test('a new picture comes first; one that is deleted leaves, and its neighbour is looked at instead', async () => {
  const { list } = createList(3)
  await list.reload()
  list.apply(anImage({ id: 'fresh', createdAt: 99 }))
  expect(list.between(0, 9).map(image => image.id)).toEqual(['fresh', 'p0', 'p1', 'p2'])
  list.openId = 'p0'
  list.forget(['p0'])
  expect([list.openId, list.total]).toEqual(['p1', 3])
  list.openId = 'p2'
  list.forget(['p2'])
  expect(list.openId).toBe('p1')
})

test('a changed picture keeps its place', async () => {
  const { list } = createList(3)
  await list.reload()
  list.apply(anImage({ id: 'p1', createdAt: 2, favourite: true }))
  expect(list.records.map(image => image?.favourite)).toEqual([false, true, false])
})

test('while somebody types a search only the last one counts', async () => {
  vi.useFakeTimers()
  const { list, client } = createList(30)
  await list.reload()
  for (const search of ['p', 'p2', 'p29']) list.setFilter({ search })
  await vi.advanceTimersByTimeAsync(200)
  vi.useRealTimers()
  await expect.poll(() => list.records.map(image => image?.id)).toEqual(['p29'])
  expect(client.calls).toHaveLength(2)
})

test('an answer to an earlier question is dropped', async () => {
  const { list, client } = createList(3)
  let answer: (() => void) | undefined
  const slow = new Promise<void>(resolve => (answer = resolve))
  const images = [anImage({ id: 'stale' })]
  client.answers['gallery.list'] = async () => {
    await slow
    return { images, nextCursor: null, total: 1 }
  }
  const first = list.reload()
  client.answers['gallery.list'] = () => ({ images: [anImage({ id: 'right' })], nextCursor: null, total: 1 })
  await list.reload()
  answer?.()
  await first
  expect(list.records.map(image => image?.id)).toEqual(['right'])
})

test('a picture that goes takes only its own place of a long list', async () => {
  const { list } = createList(1000)
  await list.reload()
  list.forget(['p7'])
  expect([list.total, list.records[7]?.id, list.records[998]]).toEqual([999, 'p8', undefined])
})
