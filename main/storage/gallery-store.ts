/** The index of the pictures. Rows are what the files say plus what only the user knows (favourite, deleted). */
import { z } from 'zod'
import type { GalleryFilter, ImageRecord } from '#contract/gallery'
import { noticeSchema } from '#contract/notices'
import { generationRequestSchema } from '#contract/generation'
import { flagColumn, jsonColumn } from './columns.ts'
import type { Database } from './database.ts'

/** A record and where its file lies. */
export interface StoredImage {
  record: ImageRecord
  /** Place in its job's batch, from 0. */
  imageIndex: number
  /** Absolute; null is the images folder inside the data folder. */
  folder: string | null
  deleted: boolean
}

const COLUMNS =
  'id, job_id, image_index, created_at, folder, file_name, width, height, size_bytes, request, duration_ms, notices, favourite, deleted_at'

const imageRow = z
  .object({
    id: z.string(),
    job_id: z.string().nullable(),
    image_index: z.int(),
    created_at: z.int(),
    folder: z.string().nullable(),
    file_name: z.string(),
    width: z.int(),
    height: z.int(),
    size_bytes: z.int(),
    request: jsonColumn(generationRequestSchema),
    duration_ms: z.number().nullable(),
    notices: jsonColumn(z.array(noticeSchema)),
    favourite: flagColumn,
    deleted_at: z.int().nullable(),
  })
  .transform((row): StoredImage => ({
    record: {
      id: row.id,
      jobId: row.job_id,
      createdAt: row.created_at,
      fileName: row.file_name,
      width: row.width,
      height: row.height,
      sizeBytes: row.size_bytes,
      request: row.request,
      durationMs: row.duration_ms,
      notices: row.notices,
      favourite: row.favourite,
    },
    imageIndex: row.image_index,
    folder: row.folder,
    deleted: row.deleted_at !== null,
  }))

const fingerprintRow = z.object({ newest: z.int().nullable(), visible: z.int() })
const idRow = z.object({ id: z.string() })
const countRow = z.object({ total: z.int() })

export interface PagePosition {
  createdAt: number
  id: string
}

export interface PageRange {
  limit: number
  after: PagePosition | null
  offset: number
}

export type GalleryStore = ReturnType<typeof createGalleryStore>

export function createGalleryStore(database: Database) {
  return {
    /** False when a picture with this id is there already; the row then stays as it is. */
    insert({ record, imageIndex, folder }: Omit<StoredImage, 'deleted'>): boolean {
      const changes = database.run(
        `INSERT INTO image (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL) ON CONFLICT (id) DO NOTHING`,
        record.id,
        record.jobId,
        imageIndex,
        record.createdAt,
        folder,
        record.fileName,
        record.width,
        record.height,
        record.sizeBytes,
        JSON.stringify(record.request),
        record.durationMs,
        JSON.stringify(record.notices),
        Number(record.favourite),
      )
      return changes === 1
    },
    find(id: string): StoredImage | null {
      return database.get(imageRow, `SELECT ${COLUMNS} FROM image WHERE id = ?`, id)
    },
    /** Newest first, from behind `after`, then `offset` further on. */
    list(filter: GalleryFilter, { limit, after, offset }: PageRange): ImageRecord[] {
      const { where, values } = toWhere(filter)
      const behind = after === null ? '' : ' AND (created_at, id) < (?, ?)'
      const rows = database.all(
        imageRow,
        `SELECT ${COLUMNS} FROM image WHERE ${where}${behind} ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?`,
        ...values,
        ...(after === null ? [] : [after.createdAt, after.id]),
        limit,
        offset,
      )
      return rows.map(row => row.record)
    },
    count(filter: GalleryFilter): number {
      const { where, values } = toWhere(filter)
      return database.get(countRow, `SELECT count(*) AS total FROM image WHERE ${where}`, ...values)?.total ?? 0
    },
    /** Ids of everything in the bin. */
    listBin(): string[] {
      return database.all(idRow, 'SELECT id FROM image WHERE deleted_at IS NOT NULL').map(row => row.id)
    },
    /** Changes when pictures are added, deleted or restored. */
    fingerprint(): string {
      const row = database.get(
        fingerprintRow,
        `SELECT (SELECT max(rowid) FROM image) AS newest, (SELECT count(*) FROM image WHERE deleted_at IS NULL) AS visible`,
      )
      return `${row?.newest ?? 0} ${row?.visible ?? 0}`
    },
    setFavourite(id: string, favourite: boolean): void {
      database.run('UPDATE image SET favourite = ? WHERE id = ?', Number(favourite), id)
    },
    remove(id: string): void {
      database.run('DELETE FROM image WHERE id = ?', id)
    },
    /** `deletedAt` null brings a picture back. */
    setDeleted(id: string, deletedAt: number | null): void {
      database.run('UPDATE image SET deleted_at = ? WHERE id = ?', deletedAt, id)
    },
  }
}

/** SQLite's index of trigrams answers for words of three letters and more; shorter ones are looked for in every prompt. */
const INDEXED_CHARS = 3

/** Conditions in the very words of the partial indexes, or SQLite would not use them. */
function toWhere(filter: GalleryFilter): { where: string; values: (string | number)[] } {
  const conditions: [string, ...(string | number)[]][] = [
    [filter.bin === true ? 'deleted_at IS NOT NULL' : 'deleted_at IS NULL'],
  ]
  if (filter.favourite === true) conditions.push(['favourite = 1'])
  if (filter.model !== undefined) conditions.push([`json_extract(request, '$.model') = ?`, filter.model])
  if (filter.scheduler !== undefined) conditions.push([`json_extract(request, '$.scheduler') = ?`, filter.scheduler])
  if (filter.since !== undefined) conditions.push(['created_at >= ?', filter.since])
  // SQLite's search language ends at a NUL.
  for (const word of (filter.search ?? '').split(/[\s\0]+/).filter(Boolean)) conditions.push(toTextCondition(word))
  return {
    where: conditions.map(([sql]) => sql).join(' AND '),
    values: conditions.flatMap(([, ...values]) => values),
  }
}

function toTextCondition(word: string): [string, string] {
  if (Array.from(word).length >= INDEXED_CHARS) {
    return ['rowid IN (SELECT rowid FROM image_text WHERE image_text MATCH ?)', `"${word.replaceAll('"', '""')}"`]
  }
  const escaped = word.replaceAll(/[\\%_]/g, String.raw`\$&`)
  return [String.raw`rowid IN (SELECT rowid FROM image_text WHERE prompt LIKE ? ESCAPE '\')`, `%${escaped}%`]
}
