/** Which of the pictures that requests start from are still named: by a picture of the gallery or of the bin, or by a job. */
import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import type { Database } from './database.ts'

/** Requests that may name one, in the very words of the index; a prompt cannot look like a field, its quotes are escaped. */
const NAMING = `(instr(request, '"edit":') > 0 OR instr(request, '"controls":') > 0)`
const SOURCE_ID = /"([0-9a-f]{64})"/g
/** 10,000 at once hold everything else up for a third of a second. */
const PAGE = 200

const imageRow = z.object({ id: z.string(), request: z.string() })
const jobRow = z.object({ request: z.string() })

export type SourceUse = ReturnType<typeof createSourceUse>

export function createSourceUse(database: Database) {
  const pageBehind = (id: string) =>
    database.all(
      imageRow,
      `SELECT id, request FROM image INDEXED BY image_with_sources WHERE ${NAMING} AND id > ? ORDER BY id LIMIT ${PAGE}`,
      id,
    )
  return {
    /** Ids of sources; other work goes on between two pages. */
    async namedIds(): Promise<Set<string>> {
      const named = new Set<string>()
      const add = (rows: readonly { request: string }[]): void => {
        for (const { request } of rows) for (const [, id = ''] of request.matchAll(SOURCE_ID)) named.add(id)
      }
      for (let page = pageBehind(''); page.length > 0; page = pageBehind(page.at(-1)?.id ?? '')) {
        add(page)
        await setImmediate()
      }
      add(database.all(jobRow, `SELECT request FROM job WHERE ${NAMING}`)) // last: one may have been queued meanwhile
      return named
    },
  }
}
