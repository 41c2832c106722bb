/** The gallery: finished pictures and their files; what is deleted goes to the bin (bin.ts). */
import { access } from 'node:fs/promises'
import type { Api } from '#contract/api'
import { AppError } from '#contract/errors'
import { GALLERY_PAGE, type GalleryPage, type GalleryQuery, type ImageRecord } from '#contract/gallery'
import { invalidInput, showValue } from '#contract/parse'
import type { GalleryStore, PagePosition, StoredImage } from '#storage/gallery-store'
import type { ImageFiles } from '#storage/image-files'
import type { ThumbnailFiles } from '#storage/thumbnail-files'
import { createBin } from './bin.ts'
import type { Events } from './events.ts'
import type { SourceCopies } from './source-copies.ts'

export interface GalleryService {
  api: Api['gallery']
  /** Takes a new picture into the index and tells the views. */
  add(image: Omit<StoredImage, 'deleted'>): void
  /** Absolute path of a picture's file; throws `not-found`. */
  fileOf(id: string): Promise<string>
  /** The same of any picture, also of one in the bin, with its size in pixels. */
  pictureOf(id: string): Promise<{ path: string; width: number; height: number }>
}

export interface GalleryOptions {
  store: GalleryStore
  files: ImageFiles
  thumbnails: Pick<ThumbnailFiles, 'remove'>
  copies: Pick<SourceCopies, 'find' | 'release'>
  events: Events
  now: () => number
  /** Opens the folder of a file, absolute, and marks it there; null where nobody sits before this machine. */
  showFile: ((path: string) => void) | null
}

export function createGallery(options: GalleryOptions): GalleryService {
  const { store, files, events, showFile } = options

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

  async function fileOf(id: string): Promise<string> {
    getVisible(id)
    return (await pictureOf(id)).path
  }

  async function pictureOf(id: string): Promise<{ path: string; width: number; height: number }> {
    const { record, folder, deleted } = get(id)
    const path = deleted ? files.pathInBin(folder, record.fileName) : files.pathOf(folder, record.fileName)
    try {
      await access(path)
    } catch (cause) {
      throw new AppError('not-found', `The file of the picture "${id}" is gone: ${path}.`, { cause })
    }
    return { path, width: record.width, height: record.height }
  }

  return {
    add(image) {
      if (store.insert(image)) events.emit({ type: 'image-added', image: image.record })
    },
    fileOf,
    pictureOf,
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
      ...createBin({ ...options, get }),
      async showFile({ id }) {
        const path = await fileOf(id)
        showFile?.(path)
        return { path, isShown: showFile !== null }
      },
    },
  }
}

function listPage(store: GalleryStore, query: GalleryQuery): GalleryPage {
  const { limit = GALLERY_PAGE.default, cursor, offset = 0, ...filter } = query
  const after = cursor === undefined ? null : parseCursor(cursor)
  const rows = store.list(filter, { limit: limit + 1, after, offset }) // one more says whether a page follows
  const images = rows.slice(0, limit)
  const last = images.at(-1)
  const nextCursor = rows.length > limit && last !== undefined ? toCursor(last) : null
  return { images, nextCursor, total: store.count(filter) }
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
