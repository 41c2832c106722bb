/**
 * Small copies of pictures, one a picture, in a folder of the data folder that may be deleted at any time. A copy is good as
 * long as it is not older than its picture: one that was changed on the disk gets a new one.
 */
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder } from './make-folder.ts'
import { isMissing, toStorageError } from './storage-error.ts'

const SUFFIX = '.webp'

export type ThumbnailFiles = ReturnType<typeof createThumbnailFiles>

/** `folder` is absolute, and made when the first thumbnail is. */
export function createThumbnailFiles(folder: string) {
  return {
    pathOf: (id: string): string => join(folder, id + SUFFIX),
    prepare: () => makeFolder(folder),
    /** Whether there is one that is not older than the picture (absolute path). */
    async isFresh(id: string, picture: string): Promise<boolean> {
      try {
        const [thumbnail, original] = await Promise.all([stat(join(folder, id + SUFFIX)), stat(picture)])
        return thumbnail.mtimeMs >= original.mtimeMs
      } catch (thrown) {
        if (isMissing(thrown)) return false
        throw toStorageError(thrown, 'look for a thumbnail', folder)
      }
    },
    async remove(id: string): Promise<void> {
      await rm(join(folder, id + SUFFIX), { force: true })
    },
  }
}
