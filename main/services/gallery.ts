/** The gallery: finished pictures, their files and the bin. Each change moves the file first and the index after it. */
import { access } from 'node:fs/promises'
import type { Api } from '#contract/api'
import { AppError } from '#contract/errors'
import { GALLERY_PAGE, type GalleryPage, type GalleryQuery, type ImageRecord } from '#contract/gallery'
import { invalidInput, showValue } from '#contract/parse'
import type { GalleryStore, PagePosition, StoredImage } from '#storage/gallery-store'
import type { ImageFiles } from '#storage/image-files'
import type { Events } from './events.ts'

export interface GalleryService {
  api: Api['gallery']
  /** Takes a new picture into the index and tells the views. */
  add(image: Omit<StoredImage, 'deleted'>): void
  /** Absolute path of a picture's file; throws `not-found`. */
  fileOf(id: string): Promise<string>
}

export interface GalleryOptions {
  store: GalleryStore
  files: ImageFiles
  events: Events
  now: () => number
}

export function createGallery({ store, files, events, now }: GalleryOptions): GalleryService {
  function get(id: string): StoredImage {
    const image = store.find(id)
    if (image === null) throw new AppError('not-found', `There is no picture "${id}".`)
    return image
  }

  function getVisible(id: string): StoredImage {
    const image = get(id)
    if (image.deleted) throw new AppError('not-found', `The picture "${id}" is in the bin.`)
    return image
  }

  async function moveToBin({ record, folder }: StoredImage): Promise<void> {
    await files.moveToBin(folder, record.fileName)
    try {
      store.setDeleted(record.id, now())
    } catch (thrown) {
      await files.moveBack(folder, record.fileName)
      throw thrown
    }
  }

  async function restore(id: string): Promise<ImageRecord> {
    const { record, folder, deleted } = get(id)
    if (!deleted) return record
    if (!(await files.moveBack(folder, record.fileName))) {
      throw new AppError('not-found', `The file of the picture "${id}" is no longer in the bin.`)
    }
    store.setDeleted(id, null)
    events.emit({ type: 'image-added', image: record })
    return record
  }

  return {
    add(image) {
      if (store.insert(image)) events.emit({ type: 'image-added', image: image.record })
    },
    async fileOf(id) {
      const { record, folder } = getVisible(id)
      const path = files.pathOf(folder, record.fileName)
      try {
        await access(path)
      } catch (cause) {
        throw new AppError('not-found', `The file of the picture "${id}" is gone: ${path}.`, { cause })
      }
      return path
    },
    api: {
      list: async query => listPage(store, query),
      get: async ({ id }) => getVisible(id).record,
      async setFavourite({ id, favourite }) {
        const { record } = getVisible(id)
        store.setFavourite(id, favourite)
        const image = { ...record, favourite }
        events.emit({ type: 'image-changed', image })
        return image
      },
      async delete({ ids }) {
        const images = [...new Set(ids)].map(get).filter(image => !image.deleted)
        const deleted: string[] = []
        try {
          for (const image of images) {
            await moveToBin(image)
            deleted.push(image.record.id)
          }
        } finally {
          if (deleted.length > 0) events.emit({ type: 'images-removed', ids: deleted }) // also of a half-done delete
        }
        return { deleted }
      },
      async restore({ ids }) {
        const restored: ImageRecord[] = []
        for (const id of new Set(ids)) restored.push(await restore(id))
        return { restored }
      },
    },
  }
}

function listPage(store: GalleryStore, { limit = GALLERY_PAGE.default, cursor }: GalleryQuery): GalleryPage {
  const rows = store.list(limit + 1, cursor === undefined ? null : parseCursor(cursor)) // one more says whether a page follows
  const images = rows.slice(0, limit)
  const last = images.at(-1)
  const nextCursor = rows.length > limit && last !== undefined ? toCursor(last) : null
  return { images, nextCursor, total: store.count() }
}

function toCursor({ createdAt, id }: ImageRecord): string {
  return `${createdAt}_${id}`
}

function parseCursor(cursor: string): PagePosition {
  const match = /^(\d{1,16})_(.+)$/.exec(cursor)
  if (match === null) {
    throw invalidInput([{ path: 'cursor', value: showValue(cursor), allowed: 'nextCursor of the page before' }])
  }
  const [, createdAt = '', id = ''] = match
  return { createdAt: Number(createdAt), id }
}
