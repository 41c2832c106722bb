/** The most memory that this process has held since a job began, in bytes, as the system counts it (resident set). */
import { readFileSync, writeFileSync } from 'node:fs'

export interface PeakMemory {
  /** Counts anew. */
  start(): void
  /** null where the system only knows the peak of the whole life, and that is older than the job. */
  bytes(): number | null
}

/** `status` and `reset` are Linux' files, of which the second lets the count begin anew; absolute paths, for tests. */
export function createPeakMemory(status = '/proc/self/status', reset = '/proc/self/clear_refs'): PeakMemory {
  let before: number | null = null

  return {
    start() {
      try {
        writeFileSync(reset, '5') // 5: the peak of the resident set; https://www.kernel.org/doc/html/latest/filesystems/proc.html
        before = null
      } catch {
        before = peakOfLife() // another system, or a container that does not allow it
      }
    },
    bytes() {
      if (before === null) return peakInStatus(status)
      const peak = peakOfLife()
      return peak > before ? peak : null
    },
  }
}

function peakOfLife(): number {
  return process.resourceUsage().maxRSS * 1024
}

function peakInStatus(file: string): number | null {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(file, 'utf8'))?.[1]
  return kilobytes === undefined ? null : Number(kilobytes) * 1024
}
