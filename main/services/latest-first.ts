/**
 * Work for somebody who scrolls: what was asked for last is done first, a few at a time, and what has long been scrolled past is
 * given up. In the order of asking, a view that jumped waited for every picture that it had flown over.
 */
interface Waiting {
  work: () => Promise<boolean>
  settle: (isDone: boolean) => void
}

/** `atOnce` run side by side; of those that wait, the newest `kept` are. The result is false for one that was given up. */
export function createLatestFirst({ atOnce, kept }: { atOnce: number; kept: number }) {
  const waiting: Waiting[] = []
  let running = 0

  async function next(): Promise<void> {
    const task = running < atOnce ? waiting.pop() : undefined
    if (task === undefined) return
    running++
    try {
      task.settle(await task.work())
    } finally {
      running--
      void next()
    }
  }

  /** `work` must not throw. */
  return (work: () => Promise<boolean>): Promise<boolean> =>
    new Promise(settle => {
      waiting.push({ work, settle })
      if (waiting.length > kept) waiting.shift()?.settle(false)
      void next()
    })
}
