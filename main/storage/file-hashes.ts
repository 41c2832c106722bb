/** Hashes of files, kept in one JSON file between runs. It is a cache: a damaged one is begun anew, and losing it costs time only. */
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { writeAtomic } from './write-atomic.ts'

interface FileState {
  /** Absolute. */
  path: string
  sizeBytes: number
  /** Milliseconds since 1970. */
  changedAt: number
}

export interface FileHashes {
  find(file: FileState): string | null
  put(file: FileState, hash: string): void
  /** Writes what `put` has added; nothing when there is nothing new. Throws `storage-full` or `storage-denied`. */
  save(): Promise<void>
}

const savedSchema = z.record(
  z.string(),
  z.strictObject({ sizeBytes: z.number(), changedAt: z.number(), hash: z.string().regex(/^[0-9a-f]{64}$/) }),
)

/** `file`: absolute path of the JSON file. */
export async function openFileHashes(file: string): Promise<FileHashes> {
  const known = new Map(Object.entries(await readSaved(file)))
  let isChanged = false
  return {
    find({ path, sizeBytes, changedAt }) {
      const saved = known.get(path)
      return saved?.sizeBytes === sizeBytes && saved.changedAt === changedAt ? saved.hash : null
    },
    put({ path, sizeBytes, changedAt }, hash) {
      known.set(path, { sizeBytes, changedAt, hash })
      isChanged = true
    },
    async save() {
      if (!isChanged) return
      isChanged = false
      await writeAtomic(file, JSON.stringify(Object.fromEntries(known)))
    },
  }
}

async function readSaved(file: string): Promise<z.infer<typeof savedSchema>> {
  try {
    const parsed = savedSchema.safeParse(JSON.parse(await readFile(file, 'utf8')))
    return parsed.success ? parsed.data : {}
  } catch {
    return {} // not there yet, or damaged
  }
}
