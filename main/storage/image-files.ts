/**
 * The pictures on disk: where a picture lies, the bin beside them, and moving between the two. The files are the truth
 * and belong to the user: plain names, no hidden folders. The engine writes them; this file never looks inside one.
 */
import { constants } from 'node:fs'
import { access, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PART_SUFFIX } from '#contract/picture-info'
import { makeFolder } from './make-folder.ts'
import { isMissing, toStorageError } from './storage-error.ts'

/** Folder inside an images folder that deleted pictures are moved to. */
export const BIN_FOLDER = 'bin'
export const IMAGE_SUFFIX = '.png'

export type ImageFiles = ReturnType<typeof createImageFiles>

/** `defaultFolder` is the images folder inside the data folder: absolute. */
export function createImageFiles(defaultFolder: string) {
  const resolve = (folder: string | null) => folder ?? defaultFolder
  return {
    defaultFolder,
    /** `folder` null is the default one. */
    pathOf(folder: string | null, fileName: string): string {
      return join(resolve(folder), fileName)
    },
    pathInBin(folder: string | null, fileName: string): string {
      return join(resolve(folder), BIN_FOLDER, fileName)
    },
    /** Makes the folder if need be and asks whether it can be written; throws `storage-denied` or `storage-full`. */
    async prepare(folder: string | null): Promise<void> {
      const path = resolve(folder)
      try {
        await makeFolder(path)
        await access(path, constants.W_OK | constants.X_OK)
      } catch (thrown) {
        throw toStorageError(thrown, 'use the folder for pictures', path)
      }
    },
    /** Removes what a killed engine left of a picture that it was writing. */
    async removePart(folder: string | null, fileName: string): Promise<void> {
      await rm(join(resolve(folder), fileName + PART_SUFFIX), { force: true })
    },
    /** A file that is gone already counts as moved: the index follows the disk. */
    async moveToBin(folder: string | null, fileName: string): Promise<void> {
      const bin = join(resolve(folder), BIN_FOLDER)
      try {
        await makeFolder(bin)
        await rename(join(resolve(folder), fileName), join(bin, fileName))
      } catch (thrown) {
        if (!isMissing(thrown)) throw toStorageError(thrown, 'move a picture to the bin', join(bin, fileName))
      }
    },
    /** False when the bin does not have it. */
    async moveBack(folder: string | null, fileName: string): Promise<boolean> {
      const file = join(resolve(folder), fileName)
      try {
        await rename(join(resolve(folder), BIN_FOLDER, fileName), file)
        return true
      } catch (thrown) {
        if (isMissing(thrown)) return false
        throw toStorageError(thrown, 'bring a picture back', file)
      }
    },
    /** For good; a file that is gone already counts as removed. */
    async removeFromBin(folder: string | null, fileName: string): Promise<void> {
      const file = this.pathInBin(folder, fileName)
      try {
        await rm(file, { force: true })
      } catch (thrown) {
        throw toStorageError(thrown, 'delete a picture for good', file)
      }
    },
    /** Names of the pictures in a folder (not of those in its bin); empty when there is no such folder. */
    list: (folder: string | null) => listPictures(resolve(folder)),
    /** The same of its bin. */
    listBin: (folder: string | null) => listPictures(join(resolve(folder), BIN_FOLDER)),
  }
}

async function listPictures(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries.filter(entry => entry.isFile() && entry.name.endsWith(IMAGE_SUFFIX)).map(entry => entry.name)
  } catch (thrown) {
    if (isMissing(thrown)) return []
    throw toStorageError(thrown, 'list the pictures', folder)
  }
}
