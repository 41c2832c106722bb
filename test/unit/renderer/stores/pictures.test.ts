import { expect, test } from 'vitest'
import { anImage, createPageStores } from '#test/page-stores'
import { usePictures } from '../../../../renderer/stores/pictures.ts'

function createPictures() {
  const { app, client } = createPageStores()
  return { client, pictures: app.runWithContext(() => usePictures()) }
}

test('further pages join the first, and two requests at once ask only one time', async () => {
  const { client, pictures } = createPictures()
  client.answers['gallery.list'] = ({ cursor }) =>
    cursor === undefined
      ? { images: [anImage({ id: 'new', createdAt: 2 })], nextCursor: 'more', total: 2 }
      : { images: [anImage({ id: 'old', createdAt: 1 })], nextCursor: null, total: 2 }
  await pictures.refresh()
  await Promise.all([pictures.loadMore(), pictures.loadMore()])
  await pictures.loadMore()
  expect(pictures.newestFirst.map(image => image.id)).toEqual(['new', 'old'])
  expect(client.calls).toHaveLength(2)
})

test('a deleted picture leaves list and count, and comes back with restore', async () => {
  const { client, pictures } = createPictures()
  const image = anImage({ id: 'x' })
  client.answers['gallery.delete'] = ({ ids }) => ({ deleted: ids })
  client.answers['gallery.restore'] = () => ({ restored: [image] })
  pictures.apply(image)
  await pictures.remove(['x'])
  pictures.forget(['x']) // the event about it comes too
  expect([pictures.total, pictures.gone.has('x')]).toEqual([0, true])
  await pictures.restore(['x'])
  expect([pictures.total, pictures.gone.has('x')]).toEqual([1, false])
})
