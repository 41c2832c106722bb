/** Which copies of Easel are running on this data folder, so that the jobs of one that died can be told from the jobs of one that works. */
import { z } from 'zod'
import type { Database } from './database.ts'

export interface RunningProcess {
  id: string
  pid: number
  /** Name of the machine (or container) that the pid belongs to. */
  machine: string
  host: string
  /** Milliseconds since 1970. */
  seenAt: number
}

const processRow = z
  .object({ id: z.string(), pid: z.int(), machine: z.string(), host: z.string(), seen_at: z.int() })
  .transform(({ seen_at, ...row }): RunningProcess => ({ ...row, seenAt: seen_at }))

export type ProcessStore = ReturnType<typeof createProcessStore>

export function createProcessStore(database: Database) {
  return {
    /** Says that `running` lives; the same call registers it and renews it. */
    beat(running: RunningProcess): void {
      database.run(
        `INSERT INTO process (id, pid, machine, host, seen_at) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at`,
        running.id,
        running.pid,
        running.machine,
        running.host,
        running.seenAt,
      )
    },
    list(): RunningProcess[] {
      return database.all(processRow, 'SELECT id, pid, machine, host, seen_at FROM process')
    },
    remove(id: string): void {
      database.run('DELETE FROM process WHERE id = ?', id)
    },
  }
}
