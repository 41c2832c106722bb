/**
 * What the application and its engine process say to each other, one JSON message at a time. Both ends parse what
 * arrives with these schemas: a message that does not fit is a bug of ours and is reported, never guessed at.
 */
import { z } from 'zod'
import { errorPayloadSchema } from './errors.ts'
import { imageCostSchema } from './estimate.ts'
import { identifier } from './fields.ts'
import { generationRequestSchema } from './generation.ts'
import { RELIEF_MEASURES } from './memory.ts'
import { noticeSchema } from './notices.ts'
import { PROVIDER_CHOICES } from './providers.ts'
import { JOB_PHASES, previewSchema } from './jobs.ts'
import { tokenCountSchema } from './token-count.ts'

/**
 * How long a cancel may stay unheard before the engine process is killed. The engine hears between two steps, and a
 * guided step of a large model on a CPU takes several seconds, while a kill costs the loaded model; ten seconds is
 * what a person waits before reaching for the task manager.
 */
export const CANCEL_GRACE_MS = 10_000

export const engineJobSchema = z.object({
  id: identifier(),
  modelFolder: z.string(),
  refinerFolder: z.string().optional(),
  vae: z.object({ folder: z.string(), hash: z.string() }).optional(),
  refinerHash: z.string().optional(),
  loras: z.array(z.object({ name: z.string(), file: z.string(), weight: z.number(), hash: z.string() })).optional(),
  request: generationRequestSchema,
  sourcesFolder: z.string(),
  outputs: z.array(z.string()),
  appVersion: z.string(),
  modelHash: z.string().optional(),
  threads: z.int(),
  provider: z.enum(PROVIDER_CHOICES),
  memoryMb: z.int(),
  relief: z.array(z.enum(RELIEF_MEASURES)),
  checkpoint: z.string().optional(),
})

export const imageResultSchema = z.object({
  image: z.int(),
  path: z.string(),
  width: z.int(),
  height: z.int(),
  sizeBytes: z.int(),
  durationMs: z.number(),
  notices: z.array(noticeSchema),
  cost: imageCostSchema,
})

export const engineEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('phase'), image: z.int(), phase: z.enum(JOB_PHASES) }),
  z.object({ type: z.literal('step'), image: z.int(), step: z.int(), steps: z.int(), stepMs: z.number() }),
  z.object({ type: z.literal('preview'), preview: previewSchema }),
  z.object({ type: z.literal('image'), result: imageResultSchema }),
  z.object({ type: z.literal('notice'), notice: noticeSchema }),
])

/** To the engine. `call` numbers the question; its answer carries the same number. */
export const engineCommandSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('generate'), call: z.int(), job: engineJobSchema }),
  z.object({ type: z.literal('cancel'), call: z.int() }),
  z.object({ type: z.literal('unload'), call: z.int() }),
  z.object({ type: z.literal('count-tokens'), call: z.int(), modelFolder: z.string(), text: z.string() }),
  z.object({ type: z.literal('make-thumbnail'), call: z.int(), from: z.string(), to: z.string() }),
])
export type EngineCommand = z.infer<typeof engineCommandSchema>

/** From the engine. `done` answers `generate`, `unload` and `make-thumbnail`, `counted` answers `count-tokens`; `event` may come any number of times before it. */
export const engineMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('event'), call: z.int(), event: engineEventSchema }),
  z.object({ type: z.literal('done'), call: z.int(), results: z.array(imageResultSchema) }),
  z.object({ type: z.literal('counted'), call: z.int(), count: tokenCountSchema }),
  z.object({ type: z.literal('failed'), call: z.int(), error: errorPayloadSchema }),
])
export type EngineMessage = z.infer<typeof engineMessageSchema>
