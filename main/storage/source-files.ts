/**
 * The pictures and masks that requests start from, in one folder under the SHA-256 of their bytes: the same file sent
 * twice is kept once, and a name never stands for other bytes. Only heads of files are looked at.
 */
import { createHash } from 'node:crypto'
import { readdir, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { imageSizeFromFile } from 'image-size/fromFile'
import type { SourceType } from '#contract/edit'
import { isMissing, toStorageError } from './storage-error.ts'
import { writeAtomic } from './write-atomic.ts'

export interface SourceFiles {
  /** Absolute. */
  readonly folder: string
  /** Returns the id. One that is there already counts as sent in now. */
  put(bytes: Uint8Array): Promise<string>
  remove(id: string): Promise<void>
  /** Names of those that were sent in before `time` (milliseconds since 1970) and not again since, halves left by a crash among them. */
  listUntouchedSince(time: number): Promise<string[]>
  has(id: string): Promise<boolean>
  /** Read from the file's head, in pixels, turned upright; null where it cannot be. */
  sizeOf(id: string): Promise<{ width: number; height: number } | null>
}

/** A source, or what a crash has left of one that was being written. */
const OWN_NAME = /^[0-9a-f]{64}(?:\.[0-9a-f]{8}\.part)?$/

/** EXIF orientations from this on are turned by a quarter. */
const LYING = 5

export function createSourceFiles(folder: string, now: () => number): SourceFiles {
  async function has(id: string): Promise<boolean> {
    const file = join(folder, id)
    try {
      return (await stat(file)).isFile()
    } catch (thrown) {
      if (isMissing(thrown)) return false
      throw toStorageError(thrown, 'look for a picture', file)
    }
  }
  return {
    folder,
    has,
    async sizeOf(id) {
      const size = await imageSizeFromFile(join(folder, id)).catch(() => null)
      if (size === null) return null
      const { width, height, orientation } = size
      return orientation !== undefined && orientation >= LYING ? { width: height, height: width } : { width, height }
    },
    async put(bytes) {
      const id = createHash('sha256').update(bytes).digest('hex')
      const file = join(folder, id)
      if (await has(id))
        await utimes(file, now() / 1000, now() / 1000).catch(() => undefined) // of a folder that may only be read
      else await writeAtomic(file, bytes)
      return id
    },
    remove: id => rm(join(folder, id), { force: true }),
    async listUntouchedSince(time) {
      const names = (await readdir(folder).catch(() => [])).filter(name => OWN_NAME.test(name)) // not there before the first
      const old: string[] = []
      for (const name of names) {
        const facts = await stat(join(folder, name)).catch(() => null)
        if (facts?.isFile() === true && facts.mtimeMs < time) old.push(name)
      }
      return old
    },
  }
}

/** By signature; null for anything else. ISO media files name their brand behind "ftyp". */
export function sniffType(bytes: Uint8Array): SourceType | null {
  const text = Buffer.from(bytes.subarray(0, 16)).toString('latin1')
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png'
  if (text.startsWith('\xff\xd8\xff')) return 'image/jpeg'
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return 'image/webp'
  if (text.startsWith('GIF87a') || text.startsWith('GIF89a')) return 'image/gif'
  if (text.startsWith('II*\0') || text.startsWith('MM\0*')) return 'image/tiff'
  if (text.slice(4, 8) === 'ftyp' && (text.slice(8, 12) === 'avif' || text.slice(8, 12) === 'avis')) return 'image/avif'
  return null
}
