/** Starts the engine's process: plain Node (never Electron's binary), with a channel for messages and its output caught. */
import { fork } from 'node:child_process'
import type { EngineChild } from '#engine/remote-engine'

export interface ForkOptions {
  /** A Node >= 22.12; Electron hosts give the one that is packed beside them. */
  nodeBinary: string
  /** `main/engine/engine-process.ts`, or the file that it was built into. */
  entry: string
  /** Absolute: where the user's own files lie; without it, there are none. */
  dataFolder?: string
}

/**
 * glibc keeps freed blocks below this size for itself; with it, the memory of a dropped model goes back to the system
 * (383 MB -> 84 MB in a measurement with a 200 MB model).
 */
const MMAP_THRESHOLD = '131072'

/**
 * V8's middle compiler calls Math.fround instead of inlining it and boxes every number on the way; kernels that it compiles
 * after several samplers have run stay there: 1.2 ms instead of 0.25 ms a step (LCM, `npm run bench -- samplers`).
 */
const WITHOUT_MIDDLE_COMPILER = '--no-maglev'

/** The engine collects what a dropped model leaves behind; see `collectGarbage` in loaded-model.ts. */
const WITH_COLLECTOR = '--expose-gc'

export function forkEngine({ nodeBinary, entry, dataFolder }: ForkOptions): EngineChild {
  return fork(entry, dataFolder === undefined ? [] : [dataFolder], {
    execPath: nodeBinary,
    execArgv: [WITHOUT_MIDDLE_COMPILER, WITH_COLLECTOR],
    env: { ...process.env, MALLOC_MMAP_THRESHOLD_: MMAP_THRESHOLD },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    windowsHide: true,
  })
}
