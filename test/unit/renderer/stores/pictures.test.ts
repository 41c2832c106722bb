import { expect, test } from 'vitest'
import { anImage, createPageStores } from '#test/page-stores'
import { usePictures } from '../../../../renderer/stores/pictures.ts'

function createPictures() {
  const { app, client } = createPageStores()
  return { client, pictures: app.runWithContext(() => usePictures()) }
}

test('the newest pictures stand in their order, and older ones that were looked at are only known', async () => {
  const { client, pictures } = createPictures()
  client.answers['gallery.list'] = () => ({
    images: [anImage({ id: 'new', createdAt: 2 }), anImage({ id: 'old', createdAt: 1 })],
    nextCursor: null,
    total: 9,
  })
  await pictures.refresh()
  pictures.know([anImage({ id: 'ancient', createdAt: 0 })])
  pictures.apply(anImage({ id: 'newest', createdAt: 3 }))
  expect(pictures.newestFirst.map(image => image.id)).toEqual(['newest', 'new', 'old'])
  expect(pictures.byId.get('ancient')?.createdAt).toBe(0)
})

test('a deleted picture leaves list and count, and comes back with restore', async () => {
  const { client, pictures } = createPictures()
  const image = anImage({ id: 'x' })
  client.answers['gallery.delete'] = ({ ids }) => ({ deleted: ids })
  client.answers['gallery.restore'] = () => ({ restored: [image] })
  pictures.apply(image)
  await pictures.remove(['x'])
  pictures.forget(['x']) // the event about it comes too
  expect([pictures.newestFirst.length, pictures.gone.has('x')]).toEqual([0, true])
  await pictures.restore(['x'])
  expect([pictures.newestFirst.length, pictures.gone.has('x')]).toEqual([1, false])
})
