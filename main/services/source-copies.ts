/**
 * The pictures that requests start from are copies in a folder of their own. They go when nothing names them any more and they
 * were not sent in lately, and a copy of a gallery's picture goes with that picture when it is removed for good.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Log } from '#contract/log'
import type { SourceFiles } from '#storage/source-files'
import type { SourceUse } from '#storage/source-use'

/** A draft on the page may name one for long before it is sent. */
const KEPT_DAYS = 30
const DAY_MS = 24 * 60 * 60_000

export interface SourceCopies {
  /** The id of the copy of this file (absolute); null where there is none. */
  find(file: string): Promise<string | null>
  /** Removes them, but those that a picture or a job names. */
  release(ids: readonly string[]): Promise<void>
  /** Removes every one that nothing names and that is old. */
  sweep(): Promise<void>
}

export interface SourceCopiesOptions {
  files: SourceFiles
  use: SourceUse
  now: () => number
  log: Log
}

export function createSourceCopies({ files, use, now, log }: SourceCopiesOptions): SourceCopies {
  async function removeAll(ids: readonly string[], named: ReadonlySet<string>): Promise<void> {
    for (const id of ids) if (!named.has(id)) await files.remove(id)
  }

  return {
    async release(ids) {
      if (ids.length > 0) await removeAll(ids, await use.namedIds())
    },
    async find(file) {
      const bytes = await readFile(file).catch(() => null) // gone already, or no file
      const id = bytes === null ? null : createHash('sha256').update(bytes).digest('hex')
      return id !== null && (await files.has(id)) ? id : null
    },
    async sweep() {
      try {
        const oldest = now() - KEPT_DAYS * DAY_MS
        if ((await files.listUntouchedSince(oldest)).length === 0) return
        const named = await use.namedIds()
        // Listed again, as one that is sent in while the names are read counts as new from then on.
        await removeAll(await files.listUntouchedSince(oldest), named)
      } catch (thrown) {
        log.warn('Pictures that nothing starts from any more could not be removed', { reason: String(thrown) })
      }
    },
  }
}
