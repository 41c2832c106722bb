/** Writes a file so that it is there whole or not at all: under another name first, flushed, then renamed. */
import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFolder } from './make-folder.ts'
import { toStorageError } from './storage-error.ts'

/** Creates missing folders; throws AppError `storage-full` or `storage-denied` and leaves nothing behind. */
export async function writeAtomic(file: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${file}.${randomUUID().slice(0, 8)}.part`
  try {
    await makeFolder(dirname(file))
    const handle = await open(temporary, 'wx')
    try {
      await handle.writeFile(content)
      await handle.sync() // a rename can reach the disk before the bytes; after a power cut the file would be empty
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
  } catch (thrown) {
    await rm(temporary, { force: true }).catch(() => undefined) // the first failure is the one to report
    throw toStorageError(thrown, 'write a file', file)
  }
}
