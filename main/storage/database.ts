/**
 * The one file that talks to SQLite (node:sqlite). Opens the database, brings its schema up to date and gives the
 * stores three verbs and a transaction; every failure leaves here as an AppError. Calls are synchronous and short.
 * Damage that a call comes upon is remembered in a file beside the database: the next opening looks at every page.
 */
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import type { z } from 'zod'
import { AppError } from '#contract/errors'
import { MIGRATIONS } from './migrations.ts'
import { isBusy, toStorageError } from './storage-error.ts'

export interface Database {
  run(sql: string, ...values: SQLInputValue[]): number
  all<T>(row: z.ZodType<T>, sql: string, ...values: SQLInputValue[]): T[]
  /** The first row, or null. */
  get<T>(row: z.ZodType<T>, sql: string, ...values: SQLInputValue[]): T | null
  /** All of `work` or nothing; other processes wait. */
  transaction<T>(work: () => T): T
  /** A number that changes when another connection, that is another process, has written. */
  versionOfOthers(): number
  close(): void
}

export interface OpenedDatabase {
  database: Database
  /** The tables are new: whatever files exist are not indexed yet. */
  isNew: boolean
  /** Where a damaged database was moved to; null when the old one was good. */
  damagedCopy: string | null
}

/** Opens `file` in a folder that exists, creating it when it is missing; a damaged one is moved aside and a new one begun. */
export function openDatabase(file: string, now: () => number): OpenedDatabase {
  try {
    return { ...connect(file), damagedCopy: null }
  } catch (thrown) {
    if (!(thrown instanceof AppError) || thrown.code !== 'storage-corrupt') throw thrown
    const damagedCopy = `${file}.damaged-${now()}`
    moveAside(file, damagedCopy)
    return { ...connect(file), damagedCopy }
  }
}

/** Beside a database in which damage was found. Looking at every page takes a second for 100,000 pictures: not done at every start. */
const SUSPECT_SUFFIX = '.suspect'

/** How long one process waits for another. */
const BUSY_MS = 5000
const RETRY_MS = 20

function connect(file: string): { database: Database; isNew: boolean } {
  const doing = 'open its database'
  let connection: DatabaseSync | null = null
  try {
    connection = new DatabaseSync(file, { enableForeignKeyConstraints: true, timeout: BUSY_MS })
    useWriteAheadLog(connection)
    connection.exec('PRAGMA synchronous = NORMAL')
    const isNew = migrate(connection, file)
    connection.exec('SELECT count(*) FROM sqlite_schema; SELECT id FROM job LIMIT 1; SELECT id FROM image LIMIT 1')
    if (existsSync(file + SUSPECT_SUFFIX)) checkPages(connection, file)
    return { database: wrap(connection, file), isNew }
  } catch (thrown) {
    connection?.close()
    throw toStorageError(thrown, doing, file)
  }
}

/** Throws `storage-corrupt`. */
function checkPages(connection: DatabaseSync, file: string): void {
  const found = connection.prepare('PRAGMA integrity_check(1)').get()?.['integrity_check']
  if (found !== 'ok') throw new AppError('storage-corrupt', `${file} is damaged (${String(found)}).`)
  rmSync(file + SUSPECT_SUFFIX, { force: true })
}

function markAsSuspect(file: string): void {
  try {
    writeFileSync(file + SUSPECT_SUFFIX, '')
  } catch {
    // the damage itself is reported; a later call will come upon it again
  }
}

/**
 * Only the first process on a new file really switches, and SQLite does not wait for that lock as it waits for others
 * (https://www.sqlite.org/wal.html, "Sometimes Queries Return SQLITE_BUSY In WAL Mode"), so the waiting is done here.
 */
function useWriteAheadLog(connection: DatabaseSync): void {
  for (let waitedMs = 0; ; waitedMs += RETRY_MS) {
    try {
      connection.exec('PRAGMA journal_mode = WAL')
      return
    } catch (thrown) {
      if (!isBusy(thrown) || waitedMs >= BUSY_MS) throw thrown
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS)
    }
  }
}

/** Returns whether the schema was made from nothing. */
function migrate(connection: DatabaseSync, file: string): boolean {
  if (versionOf(connection) === MIGRATIONS.length) return false
  connection.exec('BEGIN IMMEDIATE')
  try {
    const before = versionOf(connection) // again: another process may have migrated while this one waited
    if (before > MIGRATIONS.length) {
      throw new AppError('storage-denied', `${file} was written by a newer Easel (schema ${before}); please update.`)
    }
    for (const change of MIGRATIONS.slice(before)) connection.exec(change)
    connection.exec(`PRAGMA user_version = ${MIGRATIONS.length}`)
    connection.exec('COMMIT')
    return before === 0
  } catch (thrown) {
    connection.exec('ROLLBACK')
    throw thrown
  }
}

function versionOf(connection: DatabaseSync): number {
  return Number(connection.prepare('PRAGMA user_version').get()?.['user_version'])
}

function moveAside(file: string, copy: string): void {
  rmSync(file + SUSPECT_SUFFIX, { force: true })
  for (const suffix of ['', '-wal', '-shm']) {
    try {
      renameSync(file + suffix, copy + suffix)
    } catch (thrown) {
      if (suffix === '') throw toStorageError(thrown, 'move a damaged database aside', file)
    }
  }
}

function wrap(connection: DatabaseSync, file: string): Database {
  const statements = new Map<string, StatementSync>()
  function prepare(sql: string): StatementSync {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const statement = connection.prepare(sql)
    statements.set(sql, statement)
    return statement
  }
  function guard<T>(doing: string, work: () => T): T {
    try {
      return work()
    } catch (thrown) {
      const error = toStorageError(thrown, doing, file)
      if (error instanceof AppError && error.code === 'storage-corrupt') markAsSuspect(file)
      throw error
    }
  }
  return {
    run: (sql, ...values) => guard('save to its database', () => Number(prepare(sql).run(...values).changes)),
    all: (row, sql, ...values) =>
      guard('read its database', () =>
        prepare(sql)
          .all(...values)
          .map(found => row.parse(found)),
      ),
    get: (row, sql, ...values) =>
      guard('read its database', () => {
        const found = prepare(sql).get(...values)
        return found === undefined ? null : row.parse(found)
      }),
    transaction: work =>
      guard('save to its database', () => {
        connection.exec('BEGIN IMMEDIATE')
        try {
          const result = work()
          connection.exec('COMMIT')
          return result
        } catch (thrown) {
          if (connection.isTransaction) connection.exec('ROLLBACK') // SQLite has already rolled back on a full disk
          throw thrown
        }
      }),
    versionOfOthers: () =>
      guard('read its database', () => Number(prepare('PRAGMA data_version').get()?.['data_version'])),
    close: () => connection.close(),
  }
}
