/**
 * Where the image in work stands, in a file beside the job: a later attempt, in another process if need be, goes on at the
 * step behind it and comes to the same pixels. One file a job; the next image replaces what the last one left.
 */
import { createHash } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { PART_SUFFIX } from '#contract/picture-info'
import type { Checkpoint } from '#pipeline/checkpoint'
import type { FloatTensor } from '#pipeline/tensor'

/** An image's place in the work, with the run that stands there. */
export interface SavedPlace {
  /** Passes that are finished. */
  pass: number
  /** What the pass before it made, where there was one. */
  earlier: FloatTensor | null
  checkpoint: Checkpoint
}

export interface CheckpointFile {
  /** Of the image that `of` describes; null when the file holds none or another image's. */
  load(of: unknown): Promise<SavedPlace | null>
  /** Writes at most every few seconds: a step that is made again costs less than writing after each. */
  offer(of: unknown, place: () => SavedPlace): void
  /** The image is finished. */
  clear(): Promise<void>
}

/** A person does not notice so much work being done again; one write takes about a millisecond. */
export const CHECKPOINT_INTERVAL_MS = 1000

const numbers = z.base64().transform(text => {
  const bytes = Uint8Array.from(Buffer.from(text, 'base64'))
  return new Float32Array(bytes.buffer, 0, Math.floor(bytes.length / 4))
})
const state = z.record(z.string(), z.unknown())
const savedSchema = z.object({
  key: z.string(),
  pass: z.int(),
  earlier: z.object({ dims: z.array(z.int()), data: numbers }).nullable(),
  checkpoint: z.object({ index: z.int(), latents: numbers, scheduler: state, noise: state }),
})

export function openCheckpointFile(path: string | undefined, now: () => number, intervalMs: number): CheckpointFile {
  if (path === undefined) return { load: async () => null, offer: () => undefined, clear: async () => undefined }
  let writtenAt = now()
  return {
    async load(of) {
      const saved = await readSaved(path)
      if (saved?.key !== keyOf(of)) return null
      const { pass, earlier, checkpoint } = saved
      return { pass, earlier, checkpoint }
    },
    offer(of, place) {
      if (now() - writtenAt < intervalMs) return
      writtenAt = now()
      write(path, { key: keyOf(of), ...toPlain(place()) })
    },
    clear: () => rm(path, { force: true }),
  }
}

/** In one go: an asynchronous write would get on by a little after each step, and be whole when it is of no use. */
function write(path: string, saved: unknown): void {
  const part = `${path}${PART_SUFFIX}`
  try {
    writeFileSync(part, JSON.stringify(saved))
    renameSync(part, path)
  } catch {
    rmSync(part, { force: true }) // on a full disk: the picture goes on without, and needs the room for its own file
  }
}

function toPlain({ pass, earlier, checkpoint }: SavedPlace) {
  return {
    pass,
    earlier: earlier && { dims: earlier.dims, data: toBase64(earlier.data) },
    checkpoint: { ...checkpoint, latents: toBase64(checkpoint.latents) },
  }
}

function toBase64(values: Float32Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64')
}

function keyOf(of: unknown): string {
  return createHash('sha256').update(JSON.stringify(of)).digest('hex')
}

/** Null for a file that is not there, or that a crash has left in pieces: the image then begins anew. */
async function readSaved(path: string): Promise<z.infer<typeof savedSchema> | null> {
  try {
    const parsed = savedSchema.safeParse(JSON.parse(await readFile(path, 'utf8')))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}
