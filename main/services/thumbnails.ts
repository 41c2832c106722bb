/**
 * What a grid shows of a picture: a small copy that the engine makes once, or the picture itself where that is small or the
 * engine is in the middle of a step. Pictures in the bin have one too.
 */
import type { Log } from '#contract/log'
import { THUMBNAIL_SIDE } from '#contract/gallery'
import type { Engine } from '#engine/engine'
import type { ThumbnailFiles } from '#storage/thumbnail-files'
import { createLatestFirst } from './latest-first.ts'

export interface ThumbnailFile {
  /** Absolute. */
  path: string
  /** False: the picture stands in, and the next question may be answered with a small one. */
  isFinal: boolean
}

export interface ThumbnailsOptions {
  files: ThumbnailFiles
  engine: Pick<Engine, 'makeThumbnail'>
  /** Of any picture, also one in the bin; throws `not-found`. */
  pictureOf(id: string): Promise<{ path: string; width: number; height: number }>
  log: Log
  /** How long somebody who scrolls waits for the small one; tests change it. */
  patienceMs?: number
}

const PATIENCE_MS = 400
/** A screen full of pictures waits; one is read while another is written. */
const QUEUE = { atOnce: 2, kept: 60 } as const

export function createThumbnails({ files, engine, pictureOf, log, patienceMs = PATIENCE_MS }: ThumbnailsOptions) {
  const inTurn = createLatestFirst(QUEUE)
  const making = new Map<string, Promise<boolean>>()

  /** False where it could not be made. */
  async function make(id: string, picture: string): Promise<boolean> {
    try {
      await files.prepare()
      await engine.makeThumbnail(picture, files.pathOf(id))
      return true
    } catch (thrown) {
      log.warn('A thumbnail could not be made', { picture: id, reason: String(thrown) })
      return false
    }
  }

  function makeOnce(id: string, picture: string): Promise<boolean> {
    const known = making.get(id)
    if (known !== undefined) return known
    const made = inTurn(() => make(id, picture)).finally(() => making.delete(id))
    making.set(id, made)
    return made
  }

  return {
    async fileOf(id: string): Promise<ThumbnailFile> {
      const { path, width, height } = await pictureOf(id)
      if (Math.min(width, height) <= THUMBNAIL_SIDE) return { path, isFinal: true }
      if (await files.isFresh(id, path)) return { path: files.pathOf(id), isFinal: true }
      const isMade = await Promise.race([makeOnce(id, path), after(patienceMs)])
      return isMade ? { path: files.pathOf(id), isFinal: true } : { path, isFinal: false }
    },
  }
}

function after(ms: number): Promise<false> {
  return new Promise(resolve => setTimeout(() => resolve(false), ms).unref())
}
