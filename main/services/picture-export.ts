/** Copies of pictures to where the user wants them, outside the gallery. */
import { constants } from 'node:fs'
import { access, readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isMissing, toStorageError } from '#storage/storage-error'
import { writeAtomic } from '#storage/write-atomic'

/** Whether `path` could be written, asked before the work is done; null, or what stands in the way. */
export async function findExportProblem(path: string): Promise<string | null> {
  const target = await stat(path).catch(() => null)
  if (target?.isDirectory() === true) return 'a folder'
  try {
    await access(await nearestFolder(path), constants.W_OK)
    return null
  } catch (thrown) {
    return `in a place that cannot be written (${thrown instanceof Error ? thrown.message : String(thrown)})`
  }
}

/** Whole or not at all; missing folders are made. Throws `storage-full` or `storage-denied`. */
export async function exportPicture(from: string, to: string): Promise<void> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(from)
  } catch (thrown) {
    throw toStorageError(thrown, 'read a picture', from)
  }
  await writeAtomic(to, bytes)
}

/** The deepest folder of a path that exists. */
async function nearestFolder(path: string): Promise<string> {
  const folder = dirname(path)
  try {
    if ((await stat(folder)).isDirectory()) return folder
    throw new Error(`${folder} is not a folder`)
  } catch (thrown) {
    if (!isMissing(thrown) || folder === path) throw thrown
    return nearestFolder(folder)
  }
}
