/** Measures what the networks alone take: the yardstick for everything that is done around them. */
import type { CreateSession, Session } from './session.ts'

export interface RunTimes {
  /** Sum over all runs of all sessions so far. */
  totalMs: number
  runs: number
}

export interface TimedSessions {
  /** Sessions that add the time of every run to `times`. */
  createSession: CreateSession
  times: RunTimes
  /** Keeps what the sessions are fed from now on. */
  keepFeeds(): void
  /** The kept runs again, in the same sessions with the same feeds and nothing in between; in milliseconds. */
  repeatRuns(): Promise<number>
}

export function timeSessions(createSession: CreateSession, now: () => number): TimedSessions {
  const times: RunTimes = { totalMs: 0, runs: 0 }
  let kept: { run: Session['run']; feeds: Parameters<Session['run']>[0] }[] | null = null
  return {
    times,
    keepFeeds: () => void (kept = []),
    async repeatRuns() {
      const start = now()
      for (const { run, feeds } of kept ?? []) await run(feeds)
      return now() - start
    },
    async createSession(file, options) {
      const session = await createSession(file, options)
      return {
        ...session,
        async run(feeds) {
          kept?.push({ run: session.run, feeds })
          const start = now()
          try {
            return await session.run(feeds)
          } finally {
            times.totalMs += now() - start
            times.runs++
          }
        },
      }
    },
  }
}
