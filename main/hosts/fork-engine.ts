/** Starts the engine's process: plain Node (never Electron's binary), with a channel for messages and its output caught. */
import { fork } from 'node:child_process'
import type { EngineChild } from '#engine/remote-engine'

export interface ForkOptions {
  /** A Node >= 22.12; Electron hosts give the one that is packed beside them. */
  nodeBinary: string
  /** `main/engine/engine-process.ts`, or the file that it was built into. */
  entry: string
}

/**
 * glibc keeps freed blocks below this size for itself; with it, the memory of a dropped model goes back to the system
 * (383 MB -> 84 MB in a measurement with a 200 MB model).
 */
const MMAP_THRESHOLD = '131072'

export function forkEngine({ nodeBinary, entry }: ForkOptions): EngineChild {
  return fork(entry, [], {
    execPath: nodeBinary,
    execArgv: [],
    env: { ...process.env, MALLOC_MMAP_THRESHOLD_: MMAP_THRESHOLD },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    windowsHide: true,
  })
}
