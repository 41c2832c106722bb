/** The bin: pictures that were deleted, their way there, back, and for good. The file is moved first, the index follows. */
import { AppError } from '#contract/errors'
import type { ImageRecord } from '#contract/gallery'
import type { GalleryStore, StoredImage } from '#storage/gallery-store'
import type { ImageFiles } from '#storage/image-files'
import type { ThumbnailFiles } from '#storage/thumbnail-files'
import type { Events } from './events.ts'
import type { SourceCopies } from './source-copies.ts'

export interface BinOptions {
  store: GalleryStore
  files: ImageFiles
  thumbnails: Pick<ThumbnailFiles, 'remove'>
  copies: Pick<SourceCopies, 'find' | 'release'>
  events: Events
  now: () => number
  /** Also of a deleted picture; throws `not-found`. */
  get(id: string): StoredImage
}

export function createBin({ store, files, thumbnails, copies, events, now, get }: BinOptions) {
  async function moveIn({ record, folder }: StoredImage): Promise<void> {
    await files.moveToBin(folder, record.fileName)
    try {
      store.setDeleted(record.id, now())
    } catch (thrown) {
      await files.moveBack(folder, record.fileName)
      throw thrown
    }
  }

  async function moveOut(id: string): Promise<ImageRecord> {
    const { record, folder, deleted } = get(id)
    if (!deleted) return record
    if (!(await files.moveBack(folder, record.fileName))) {
      throw new AppError('not-found', `The file of the picture "${id}" is no longer in the bin.`)
    }
    store.setDeleted(id, null)
    events.emit({ type: 'image-added', image: record })
    return record
  }

  async function removeForGood(images: readonly StoredImage[]): Promise<string[]> {
    const released: string[] = []
    async function remove({ record, folder }: StoredImage): Promise<void> {
      const copy = await copies.find(files.pathInBin(folder, record.fileName))
      await files.removeFromBin(folder, record.fileName)
      await thumbnails.remove(record.id)
      store.remove(record.id)
      if (copy !== null) released.push(copy)
    }
    try {
      return await each(images, remove)
    } finally {
      await copies.release(released)
    }
  }

  function getDeleted(id: string): StoredImage {
    const image = get(id)
    if (!image.deleted) throw new AppError('not-found', `The picture "${id}" is not in the bin.`)
    return image
  }

  /** One after the other; what had been done is told also when the next one fails. */
  async function each(images: readonly StoredImage[], act: (image: StoredImage) => Promise<void>): Promise<string[]> {
    const done: string[] = []
    try {
      for (const image of images) {
        await act(image)
        done.push(image.record.id)
      }
    } finally {
      if (done.length > 0) events.emit({ type: 'images-removed', ids: done })
    }
    return done
  }

  return {
    async delete({ ids }: { ids: string[] }) {
      const images = [...new Set(ids)].map(get).filter(image => !image.deleted)
      return { deleted: await each(images, moveIn) }
    },
    async restore({ ids }: { ids: string[] }) {
      const restored: ImageRecord[] = []
      for (const id of new Set(ids)) restored.push(await moveOut(id))
      return { restored }
    },
    purge: async ({ ids }: { ids: string[] }) => ({ purged: await removeForGood([...new Set(ids)].map(getDeleted)) }),
    emptyBin: async () => ({ purged: await removeForGood(store.listBin().map(getDeleted)) }),
  }
}
