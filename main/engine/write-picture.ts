/**
 * Writes a picture so that its name never stands for half a file: under another name first, then renamed. In one go: each
 * of an asynchronous write's four parts would wait for a step of the next image to end, and the file be there only then.
 */
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { AppError } from '#contract/errors'
import { PART_SUFFIX } from '#contract/picture-info'

/** Throws `storage-full` when the disk is; leaves nothing behind when it fails. */
export function writePicture(path: string, bytes: Uint8Array): void {
  const part = `${path}${PART_SUFFIX}`
  try {
    writeFileSync(part, bytes)
    renameSync(part, path)
  } catch (error) {
    rmSync(part, { force: true })
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
