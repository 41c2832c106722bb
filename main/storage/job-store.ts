/**
 * Jobs as they are kept: one row each, written when a job changes its state, never for a step. A job belongs to the
 * process that submitted it (`owner`); only that process runs it, unless the owner died and another one adopts it.
 */
import { z } from 'zod'
import { errorPayloadSchema } from '#contract/errors'
import { generationRequestSchema } from '#contract/generation'
import { JOB_STATES, jobCellSchema, type JobSnapshot } from '#contract/jobs'
import { noticeSchema } from '#contract/notices'
import { flagColumn, jsonColumn } from './columns.ts'
import type { Database } from './database.ts'

const COLUMNS = `id, revision, state, request, created_at, started_at, finished_at, cancelling, skipped, cell, error, notices,
  (SELECT json_group_array(id) FROM (SELECT id FROM image WHERE job_id = job.id AND deleted_at IS NULL ORDER BY image_index)) AS results`

const jobRow = z
  .object({
    id: z.string(),
    revision: z.int(),
    state: z.enum(JOB_STATES),
    request: jsonColumn(generationRequestSchema),
    created_at: z.int(),
    started_at: z.int().nullable(),
    finished_at: z.int().nullable(),
    cancelling: flagColumn,
    skipped: jsonColumn(z.array(z.int())),
    cell: jsonColumn(jobCellSchema).nullable(),
    error: jsonColumn(errorPayloadSchema).nullable(),
    notices: jsonColumn(z.array(noticeSchema)),
    results: jsonColumn(z.array(z.string())),
  })
  .transform((row): JobSnapshot => ({
    id: row.id,
    revision: row.revision,
    state: row.state,
    request: row.request,
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    progress: null,
    cancelling: row.cancelling,
    results: row.results,
    skipped: row.skipped,
    cell: row.cell,
    error: row.error,
    notices: row.notices,
  }))

const idRow = z.object({ id: z.string() })
const indexRow = z.object({ image_index: z.int() })

export type JobStore = ReturnType<typeof createJobStore>

export function createJobStore(database: Database) {
  return {
    /** At the end of the queue. */
    insert(job: JobSnapshot, owner: string): void {
      database.run(
        `INSERT INTO job (id, position, owner, revision, state, request, created_at, started_at, finished_at, cancelling, skipped, cell, error, notices)
         VALUES (?, (SELECT ifnull(max(position), 0) + 1 FROM job), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        job.id,
        owner,
        job.revision,
        job.state,
        JSON.stringify(job.request),
        job.createdAt,
        job.startedAt,
        job.finishedAt,
        Number(job.cancelling),
        JSON.stringify(job.skipped),
        job.cell === null ? null : JSON.stringify(job.cell),
        job.error === null ? null : JSON.stringify(job.error),
        JSON.stringify(job.notices),
      )
    },
    /** Writes what can change; false when the job is not (or no longer) this owner's. */
    update(job: JobSnapshot, owner: string): boolean {
      const changes = database.run(
        `UPDATE job SET revision = ?, state = ?, started_at = ?, finished_at = ?, cancelling = ?, skipped = ?, error = ?, notices = ?
         WHERE id = ? AND owner = ?`,
        job.revision,
        job.state,
        job.startedAt,
        job.finishedAt,
        Number(job.cancelling),
        JSON.stringify(job.skipped),
        job.error === null ? null : JSON.stringify(job.error),
        JSON.stringify(job.notices),
        job.id,
        owner,
      )
      return changes === 1
    },
    find(id: string): JobSnapshot | null {
      return database.get(jobRow, `SELECT ${COLUMNS} FROM job WHERE id = ?`, id)
    },
    /** In the order of the queue. */
    listUnfinished(owner: string): JobSnapshot[] {
      return database.all(
        jobRow,
        `SELECT ${COLUMNS} FROM job WHERE state IN ('queued', 'running') AND owner = ? ORDER BY position`,
        owner,
      )
    },
    /** Newest first. */
    listFinished(limit: number): JobSnapshot[] {
      return database.all(
        jobRow,
        `SELECT ${COLUMNS} FROM job WHERE state NOT IN ('queued', 'running') ORDER BY finished_at DESC LIMIT ?`,
        limit,
      )
    },
    /** Every process', as nobody works on them any more; returns how many there were. */
    clearFinished(): number {
      return database.run(`DELETE FROM job WHERE state NOT IN ('queued', 'running')`)
    },
    /** Which images of a job are finished, also those that were deleted since. */
    finishedImages(id: string): Set<number> {
      const rows = database.all(indexRow, 'SELECT image_index FROM image WHERE job_id = ?', id)
      return new Set(rows.map(row => row.image_index))
    },
    /** Unfinished jobs whose owner is not registered any more become `owner`'s; returns their ids in the order of the queue. */
    adoptOrphans(owner: string): string[] {
      return database.transaction(() => {
        const orphans = database.all(
          idRow,
          `SELECT id FROM job WHERE state IN ('queued', 'running') AND owner NOT IN (SELECT id FROM process) ORDER BY position`,
        )
        for (const { id } of orphans) database.run('UPDATE job SET owner = ? WHERE id = ?', owner, id)
        return orphans.map(row => row.id)
      })
    },
  }
}
