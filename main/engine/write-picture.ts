/**
 * Writes a picture so that its name never stands for half a file: under another name first, then renamed. In one go: each
 * of an asynchronous write's four parts would wait for a step of the next image to end, and the file be there only then.
 */
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { AppError } from '#contract/errors'
import { PART_SUFFIX } from '#contract/picture-info'

const FULL = ['ENOSPC', 'EDQUOT']
/** The folder may also be gone, or something else in its place: somebody moved it while the picture was made. */
const DENIED = ['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG']

/** Throws `storage-full`, or `storage-denied` where the folder may not be written; leaves nothing behind when it fails. */
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
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const extra = { details: { path }, cause: error }
  if (FULL.includes(code)) {
    const what = 'Make room there and try again; finished pictures are kept.'
    return new AppError('storage-full', `There is no room on the disk for ${path}. ${what}`, extra)
  }
  const reason = error instanceof Error ? error.message : String(error)
  if (!DENIED.includes(code)) return new AppError('internal', `${path} cannot be written: ${reason}.`, extra)
  const what = 'Allow writing in its folder, or choose another one for pictures in the settings.'
  return new AppError('storage-denied', `${path} cannot be written: ${reason}. ${what}`, extra)
}
