/** Measures what the networks alone take: the yardstick for everything that is done around them. */
import type { CreateSession } from './session.ts'

export interface RunTimes {
  /** Sum over all runs of all sessions so far. */
  totalMs: number
  runs: number
}

/** A `CreateSession` whose sessions add the time of every run to `times`. */
export function timeSessions(
  createSession: CreateSession,
  now: () => number,
): { createSession: CreateSession; times: RunTimes } {
  const times: RunTimes = { totalMs: 0, runs: 0 }
  const timed: CreateSession = async (file, options) => {
    const session = await createSession(file, options)
    return {
      ...session,
      async run(feeds) {
        const start = now()
        try {
          return await session.run(feeds)
        } finally {
          times.totalMs += now() - start
          times.runs++
        }
      },
    }
  }
  return { createSession: timed, times }
}
