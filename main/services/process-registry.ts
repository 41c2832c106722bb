/**
 * Tells the other running copies of Easel that this one lives, and finds the ones that died. A copy is dead when its
 * process is gone from this machine, or when it has been silent for long (other machine, container, reused pid).
 */
import { readFileSync } from 'node:fs'
import type { ProcessStore, RunningProcess } from '#storage/process-store'

export interface RegistryOptions {
  store: ProcessStore
  /** This process; `seenAt` is filled in here. */
  self: Omit<RunningProcess, 'seenAt'>
  now: () => number
  isAlive: (pid: number) => boolean
}

export const BEAT_MS = 15_000
/** Long against a computer under load, short against a user who waits for a lost job. */
const SILENT_MS = 10 * 60_000

export type ProcessRegistry = ReturnType<typeof createProcessRegistry>

export function createProcessRegistry({ store, self, now, isAlive }: RegistryOptions) {
  let lastBeat = now()
  let wasAsleep = false
  store.beat({ ...self, seenAt: lastBeat })

  function isDead(other: RunningProcess): boolean {
    if (other.id === self.id) return false
    if (now() - other.seenAt > SILENT_MS) return true
    return other.machine === self.machine && (other.pid === self.pid || !isAlive(other.pid))
  }

  return {
    /** Renews this process' sign of life. */
    beat(): void {
      wasAsleep = now() - lastBeat > 2 * BEAT_MS
      lastBeat = now()
      store.beat({ ...self, seenAt: lastBeat })
    },
    /** Removes dead copies from the register, so that their jobs count as orphans. */
    removeDead(): void {
      if (wasAsleep) return // after a sleep of the machine everybody looks silent; the others get one beat to speak first
      for (const other of store.list().filter(isDead)) store.remove(other.id)
    },
    leave(): void {
      store.remove(self.id)
    },
  }
}

/** Whether a process of this number runs on this machine, whoever owns it. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !isZombie(pid)
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM'
  }
}

/** Ended, but not yet collected by its parent: in a container without an init process that can last for ever. */
function isZombie(pid: number): boolean {
  if (process.platform !== 'linux') return false
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ')
  } catch {
    return false
  }
}
