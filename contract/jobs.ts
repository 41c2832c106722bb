/** A job is one request in the queue. Its snapshot is what every view shows; `revision` orders snapshots of one job. */
import { z } from 'zod'
import { errorPayloadSchema } from './errors.ts'
import { identifier, listOf, text, wholeNumber } from './fields.ts'
import { generationInputSchema, generationRequestSchema, LIMITS } from './generation.ts'
import { noticeSchema } from './notices.ts'

export const JOB_STATES = ['queued', 'running', 'done', 'failed', 'cancelled'] as const
export type JobState = (typeof JOB_STATES)[number]

export const JOB_PHASES = ['starting', 'loading', 'encoding', 'denoising', 'decoding', 'saving'] as const
export type JobPhase = (typeof JOB_PHASES)[number]

export const jobProgressSchema = z.object({
  phase: z.enum(JOB_PHASES),
  /** Index of the image in work, from 0. */
  image: z.int(),
  /** Steps done of this image, 0 before the first one has ended. */
  step: z.int(),
  steps: z.int(),
  /** From the median step of this job; null until a step was measured. For the whole job. */
  secondsLeft: z.number().nullable(),
})
export type JobProgress = z.infer<typeof jobProgressSchema>

/** As many as `jobs.list` tells of finished jobs: a grid can be shown as a whole. */
export const BATCH_LIMITS = { cells: 200, labelChars: 300 } as const

const placeFields = {
  column: wholeNumber({ min: 0, max: BATCH_LIMITS.cells - 1 }),
  row: wholeNumber({ min: 0, max: BATCH_LIMITS.cells - 1 }),
  columnLabel: text({ maxChars: BATCH_LIMITS.labelChars }),
  rowLabel: text({ maxChars: BATCH_LIMITS.labelChars }),
}

/** A job that was queued as one cell of a grid: which grid, its place there, and the words at the grid's edges. */
export const jobCellSchema = z.strictObject({ batch: identifier(), ...placeFields })
export type JobCell = z.infer<typeof jobCellSchema>

const cellSchema = z.strictObject({ input: generationInputSchema, ...placeFields })
export const batchSchema = z.strictObject({ cells: listOf(cellSchema, { min: 1, max: BATCH_LIMITS.cells }, 'cells') })
export type Batch = z.infer<typeof batchSchema>

export const jobSnapshotSchema = z.object({
  id: identifier(),
  /** Grows with every change of the job; a view drops a snapshot that is older than the one it has. */
  revision: z.int(),
  state: z.enum(JOB_STATES),
  request: generationRequestSchema,
  cell: jobCellSchema.nullable(),
  /** Milliseconds since 1970. */
  createdAt: z.number(),
  startedAt: z.number().nullable(),
  finishedAt: z.number().nullable(),
  progress: jobProgressSchema.nullable(),
  /** Set as soon as a cancel was heard, until the job has ended. */
  cancelling: z.boolean(),
  /** Gallery ids of finished images, in the order of the batch; image-id.ts says which image each is. */
  results: z.array(identifier()),
  /** Numbers of the images that were skipped: none of them is made, whatever happens to the job. */
  skipped: z.array(z.int()),
  error: errorPayloadSchema.nullable(),
  /** What the user should know although it worked: "the engine stopped and was started again", "rendered at 192x128". */
  notices: z.array(noticeSchema),
})
export type JobSnapshot = z.infer<typeof jobSnapshotSchema>

export function isJobOver(state: JobState): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled'
}

/** What goes on at the next start; null is a job that is not known. */
export function isUnfinished(job: JobSnapshot | null): boolean {
  return job !== null && !isJobOver(job.state)
}

/** A small picture of the predicted result while an image is made; never stored. */
export const previewSchema = z.object({
  jobId: identifier(),
  image: z.int(),
  step: z.int(),
  mediaType: z.enum(['image/jpeg', 'image/webp']),
  base64: z.string(),
})
export type Preview = z.infer<typeof previewSchema>

export const jobIdSchema = z.strictObject({ id: identifier() })
export const skipImageSchema = z.strictObject({
  id: identifier(),
  image: wholeNumber({ min: 0, max: LIMITS.images.max - 1 }),
})
