/** A supervisor over real processes with the scriptable engine inside; nothing of it outlives the test. */
import { fork } from 'node:child_process'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createRemoteEngine, type RemoteEngine } from '#engine/remote-engine'
import type { FakeProcessScript } from './fake-script.ts'
import { createSilentLog } from './silent-log.ts'

export function forkFakeEngine(script: FakeProcessScript, cancelGraceMs?: number): RemoteEngine {
  const engine = createRemoteEngine({
    log: createSilentLog(),
    ...(cancelGraceMs === undefined ? {} : { cancelGraceMs }),
    fork: () =>
      fork(join(import.meta.dirname, 'fake-engine-process.ts'), [], {
        execArgv: [],
        env: { ...process.env, FAKE_ENGINE: JSON.stringify(script) },
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      }),
  })
  onTestFinished(() => engine.dispose())
  return engine
}

/** Whether a process of this number is there. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
