/** A runtime that says it has no memory whenever a test wants it to; everything else is done by the real one, on the processor. */
import { basename, dirname } from 'node:path'
import { AppError } from '#contract/errors'
import type { Provider } from '#contract/providers'
import type { CreateSession } from '#pipeline/session'
import type { Tensor } from '#pipeline/tensor'

/** One opening or run, of how many of its part so far, from 1. */
export interface Attempt {
  kind: 'open' | 'run'
  /** Folder of the graph: "unet". */
  part: string
  provider: Provider
  count: number
  feeds: Readonly<Record<string, Tensor>>
}

export interface ScarceRuntime {
  createSession: CreateSession
  /** "open unet on cuda", "run unet on cuda", "close unet": what was tried, in order. */
  readonly log: string[]
  /** Parts that are open now. */
  readonly open: Set<string>
}

export function createScarceRuntime(real: CreateSession, lacks: (attempt: Attempt) => boolean): ScarceRuntime {
  const log: string[] = []
  const open = new Set<string>()
  const counts = new Map<string, number>()
  function meet(attempt: Omit<Attempt, 'count'>): void {
    const { kind, part, provider } = attempt
    const count = (counts.get(`${kind} ${part}`) ?? 0) + 1
    counts.set(`${kind} ${part}`, count)
    log.push(`${kind} ${part} on ${provider}`)
    if (lacks({ ...attempt, count })) throw new AppError('out-of-memory', `There was not enough memory for ${part}.`)
  }
  return {
    log,
    open,
    async createSession(file, options) {
      const part = basename(dirname(file))
      const provider = options.provider ?? 'cpu'
      meet({ kind: 'open', part, provider, feeds: {} })
      const session = await real(file, { ...options, provider: 'cpu' })
      open.add(part)
      return {
        ...session,
        async run(feeds) {
          meet({ kind: 'run', part, provider, feeds })
          return session.run(feeds)
        },
        async release() {
          log.push(`close ${part}`)
          open.delete(part)
          await session.release()
        },
      }
    },
  }
}
