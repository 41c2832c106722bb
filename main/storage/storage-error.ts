/** Failures of disk and database in the application's own words: full, not allowed, damaged; anything else stays as it is. */
import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { AppError } from '#contract/errors'

/** SQLite result codes: https://www.sqlite.org/rescode.html (the low byte of an extended code is the primary one). */
const SQLITE = { busy: 5, readOnly: 8, ioError: 10, corrupt: 11, full: 13, cannotOpen: 14, notADatabase: 26 } as const
/** SQLite's own limit for paths is 512 bytes, its log's name included. */
const LONG_PATH_BYTES = 500
/** One page of the shared memory of SQLite's log. */
const ALMOST_NOTHING_BYTES = 32 * 1024
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])
const DENIED = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG', 'ENOENT', 'EEXIST'])

/** `doing` completes the sentence "Easel could not ..."; `file` is what it was doing it with. */
export function toStorageError(thrown: unknown, doing: string, file: string): unknown {
  if (thrown instanceof AppError || !(thrown instanceof Error)) return thrown
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : ''
  const sqlite = sqliteCodeOf(thrown)
  const reason = sqlite === SQLITE.cannotOpen && isTooLong(file) ? 'its path is too long for SQLite' : thrown.message
  const extra = { details: { file, reason }, cause: thrown }
  if (FULL.has(code) || sqlite === SQLITE.full || (sqlite === SQLITE.ioError && isDiskFull(file))) {
    return new AppError('storage-full', `Easel could not ${doing}: the disk with ${file} is full.`, extra)
  }
  // ENOENT in a folder that exists is how /proc and its like refuse.
  if (DENIED.has(code) || isRefusal(sqlite)) {
    return new AppError('storage-denied', `Easel could not ${doing}: ${file} cannot be written (${reason}).`, extra)
  }
  if (sqlite === SQLITE.corrupt || sqlite === SQLITE.notADatabase) {
    return new AppError('storage-corrupt', `Easel could not ${doing}: ${file} is damaged (${thrown.message}).`, extra)
  }
  return thrown
}

/** Another process holds the lock. */
export function isBusy(thrown: unknown): boolean {
  return thrown instanceof Error && sqliteCodeOf(thrown) === SQLITE.busy
}

function sqliteCodeOf(thrown: Error): number | undefined {
  return 'errcode' in thrown && typeof thrown.errcode === 'number' ? thrown.errcode & 0xff : undefined
}

function isRefusal(sqlite: number | undefined): boolean {
  return sqlite === SQLITE.readOnly || sqlite === SQLITE.cannotOpen || sqlite === SQLITE.ioError
}

function isTooLong(file: string): boolean {
  return Buffer.byteLength(file) > LONG_PATH_BYTES
}

/** SQLite calls a disk without room for its shared memory an I/O error; the file system knows better. */
function isDiskFull(file: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dirname(file))
    return bavail * bsize < ALMOST_NOTHING_BYTES
  } catch {
    return false
  }
}

/** True for "there is no such file", which is often an answer and not a failure. */
export function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT'
}
