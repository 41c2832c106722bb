/**
 * Every few seconds: tells the others that this process lives, takes over the jobs of those that died, and stores what a
 * full disk has kept from being stored.
 */
import type { Log } from '#contract/log'
import type { JobStore } from '#storage/job-store'
import type { JobQueue } from './job-queue.ts'
import { BEAT_MS, type ProcessRegistry } from './process-registry.ts'

interface KeepAliveOptions {
  registry: ProcessRegistry
  store: JobStore
  queue: JobQueue
  owner: string
  /** A CLI run does its own job and leaves; only a host that stays takes over the jobs of dead ones. */
  adopts: boolean
  log: Log
}

/** Returns what stops it. */
export function keepAlive({ registry, store, queue, owner, adopts, log }: KeepAliveOptions): () => void {
  function adoptOrphans(): void {
    if (!adopts) return
    registry.removeDead()
    for (const id of store.adoptOrphans(owner)) {
      log.info('An unfinished job goes on', { job: id })
      queue.adopt(id)
    }
  }
  adoptOrphans()
  async function beat(): Promise<void> {
    try {
      registry.beat()
      await queue.storeEnds()
      adoptOrphans()
    } catch (thrown) {
      log.warn('The register of processes could not be written', { reason: String(thrown) })
    }
  }
  const timer = setInterval(() => void beat(), BEAT_MS)
  timer.unref()
  return () => clearInterval(timer)
}
