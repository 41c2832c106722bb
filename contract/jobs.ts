/** A job is one request in the queue. Its snapshot is what every view shows; `revision` orders snapshots of one job. */
import { z } from 'zod'
import { errorPayloadSchema } from './errors.ts'
import { identifier } from './fields.ts'
import { generationRequestSchema } from './generation.ts'

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

export const jobSnapshotSchema = z.object({
  id: identifier(),
  /** Grows with every change of the job; a view drops a snapshot that is older than the one it has. */
  revision: z.int(),
  state: z.enum(JOB_STATES),
  request: generationRequestSchema,
  /** Milliseconds since 1970. */
  createdAt: z.number(),
  startedAt: z.number().nullable(),
  finishedAt: z.number().nullable(),
  progress: jobProgressSchema.nullable(),
  /** Set as soon as a cancel was heard, until the job has ended. */
  cancelling: z.boolean(),
  /** Gallery ids of finished images, in the order of the batch. */
  results: z.array(identifier()),
  /** Numbers of the images that were skipped: none of them is made, whatever happens to the job. */
  skipped: z.array(z.int()),
  error: errorPayloadSchema.nullable(),
  /** What the user should know although it worked: "the engine stopped and was started again", "rendered at 192x128". */
  notices: z.array(z.string()),
})
export type JobSnapshot = z.infer<typeof jobSnapshotSchema>

export function isJobOver(state: JobState): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled'
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
export const skipImageSchema = z.strictObject({ id: identifier(), image: z.int().min(0) })
