/** Options to open a model with on the real runtime, where memory suffices. */
import { readGraphSignature, readGraphWeight } from '#engine/read-graph'
import type { OpenOptions } from '#pipeline/components'
import { NO_RELIEF, WITHOUT_LIMIT } from '#pipeline/memory/memory-budget'
import { createOrtSession } from '#pipeline/ort-session'

export function plainOpening(threads: number): OpenOptions {
  return {
    createSession: createOrtSession,
    readWeight: readGraphWeight,
    readSignature: readGraphSignature,
    threads,
    providers: ['cpu'],
    budget: WITHOUT_LIMIT,
    relief: NO_RELIEF,
  }
}
