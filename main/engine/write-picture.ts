/** Writes a picture so that its name never stands for half a file: under another name first, then renamed. */
import { rename, rm, writeFile } from 'node:fs/promises'
import { AppError } from '#contract/errors'
import { PART_SUFFIX } from '#contract/picture-info'

/** Throws `storage-full` when the disk is; leaves nothing behind when it fails. */
export async function writePicture(path: string, bytes: Uint8Array): Promise<void> {
  const part = `${path}${PART_SUFFIX}`
  try {
    await writeFile(part, bytes)
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true })
    throw toStorageError(error, path)
  }
}

function toStorageError(error: unknown, path: string): AppError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new AppError('storage-full', `There is no room on the disk for ${path}.`, {
      details: { path },
      cause: error,
    })
  }
  const reason = error instanceof Error ? error.message : String(error)
  return new AppError('internal', `${path} cannot be written: ${reason}.`, { details: { path }, cause: error })
}
