/** How many bytes are missing before a graph can be opened: by the user's limit, or by what the machine has free. Pure. */
import { bytesOfMegabytes, RESERVE_BYTES, SHARE_OF_TOTAL } from '#contract/memory'

/** What a machine says of its memory, in bytes. */
export interface MemoryFacts {
  platform: string
  /** Of the machine, or of the container that the process is in. */
  totalBytes: number
  /** What the process could still take. */
  availableBytes: number
  /** What the process has. */
  residentBytes: number
}

export interface MemoryBudget {
  /** Set by the user; null: what the machine has free. */
  limitBytes: number | null
  /** More than 0 where `neededBytes` do not fit beside the `openBytes` of graphs that are open. */
  missingBytes(openBytes: number, neededBytes: number): number
}

/** What a model does without from the start; the way out after a process that died of too much memory. */
export interface EarlyRelief {
  /** One row a run of the denoising networks. */
  rowByRow: boolean
  /** The autoencoder in tiles. */
  inTiles: boolean
}

export const NO_RELIEF: EarlyRelief = { rowByRow: false, inTiles: false }

/** Everything stays open; for tests and measurements. */
export const WITHOUT_LIMIT: MemoryBudget = { limitBytes: null, missingBytes: () => 0 }

/** Never two graphs of different turns at once. */
export const ONE_AT_A_TIME: MemoryBudget = { limitBytes: null, missingBytes: () => Infinity }

/** `memoryMb` 0 leaves it to the machine. */
export function createMemoryBudget(memoryMb: number, facts: () => MemoryFacts): MemoryBudget {
  if (memoryMb > 0) {
    const limitBytes = bytesOfMegabytes(memoryMb)
    return { limitBytes, missingBytes: (open, needed) => open + needed - limitBytes }
  }
  return { limitBytes: null, missingBytes: (_, needed) => needed + RESERVE_BYTES - freeBytes(facts()) }
}

/** macOS counts as free only what nobody has touched yet, which is next to nothing on a machine that is in use. */
function freeBytes({ platform, totalBytes, availableBytes, residentBytes }: MemoryFacts): number {
  return platform === 'darwin' ? totalBytes * SHARE_OF_TOTAL - residentBytes : availableBytes
}
