/**
 * The queue of this process: unfinished jobs in their order, one at a time on the engine. What a restart must know is
 * stored at every change of state; progress lives in memory only. Pausing, reordering and priorities are not here yet.
 */
import { AppError, toErrorPayload } from '#contract/errors'
import { isJobOver, type JobSnapshot } from '#contract/jobs'
import type { Log } from '#contract/log'
import type { JobStore } from '#storage/job-store'
import type { Events } from './events.ts'

export interface JobQueueOptions {
  store: JobStore
  /** Id of this process. */
  owner: string
  events: Events
  now: () => number
  log: Log
  /** Makes the pictures of one job; `change` writes progress and results into its snapshot. */
  run: (job: JobSnapshot, change: (part: Partial<JobSnapshot>) => void, signal: AbortSignal) => Promise<void>
  /** Called when the last job has ended, and when one begins after that. */
  onIdle: (isIdle: boolean) => void
}

export type JobQueue = ReturnType<typeof createJobQueue>

interface LiveJob {
  snapshot: JobSnapshot
  controller: AbortController
}

export function createJobQueue({ store, owner, events, now, log, run, onIdle }: JobQueueOptions) {
  const live = new Map<string, LiveJob>()
  let loop: Promise<void> | null = null
  let isClosing = false

  /** Every change goes through here: a new revision (which also grows over restarts, being a time) and an event. */
  function change(job: LiveJob, part: Partial<JobSnapshot>): JobSnapshot {
    const revision = Math.max(job.snapshot.revision + 1, now())
    job.snapshot = { ...job.snapshot, ...part, revision }
    events.emit({ type: 'job', job: job.snapshot })
    return job.snapshot
  }

  function changeAndStore(job: LiveJob, part: Partial<JobSnapshot>): JobSnapshot {
    const snapshot = change(job, part)
    if (!store.update(snapshot, owner)) {
      log.warn('A job was taken over by another process', { job: snapshot.id })
      live.delete(snapshot.id)
      job.controller.abort()
    }
    return snapshot
  }

  function end(job: LiveJob, part: Partial<JobSnapshot>): JobSnapshot {
    live.delete(job.snapshot.id)
    return changeAndStore(job, { ...part, finishedAt: now(), progress: null, cancelling: false })
  }

  function add(snapshot: JobSnapshot): void {
    live.set(snapshot.id, { snapshot, controller: new AbortController() })
    loop ??= work().finally(() => {
      loop = null
    })
  }

  async function work(): Promise<void> {
    onIdle(false)
    for (let job = next(); job !== null; job = next()) {
      await perform(job).catch((thrown: unknown) => {
        // The job's end could not be stored (a full disk). It is over for this process; the next start finds it unfinished.
        log.error('A job could not be stored', { job: job?.snapshot.id, reason: String(thrown) })
      })
    }
    onIdle(true)
  }

  function next(): LiveJob | null {
    if (isClosing) return null
    return live.values().next().value ?? null
  }

  async function perform(job: LiveJob): Promise<void> {
    const { id } = job.snapshot
    log.info('Job started', { job: id })
    try {
      changeAndStore(job, { state: 'running', startedAt: job.snapshot.startedAt ?? now() })
      await run(job.snapshot, part => change(job, part), job.controller.signal)
      end(job, { state: 'done' })
      log.info('Job done', { job: id })
    } catch (thrown) {
      if (isClosing) {
        changeAndStore(job, { state: 'queued', progress: null }) // it goes on at the next start
        live.delete(id)
        return
      }
      const isCancelled = thrown instanceof AppError && thrown.code === 'cancelled'
      if (!isCancelled) log.error('Job failed', { job: id, ...toErrorPayload(thrown) })
      end(job, isCancelled ? { state: 'cancelled' } : { state: 'failed', error: toErrorPayload(thrown) })
    } finally {
      live.delete(id) // whatever went wrong above, the same job is not tried for ever
    }
  }

  return {
    submit(snapshot: JobSnapshot): JobSnapshot {
      store.insert(snapshot, owner)
      events.emit({ type: 'job', job: snapshot })
      add(snapshot)
      return live.get(snapshot.id)?.snapshot ?? snapshot
    },
    /** Takes over what an earlier or dead process left; finished images stay finished. */
    adopt(id: string): void {
      const found = store.find(id)
      if (found === null || isJobOver(found.state) || live.has(id)) return
      const wasRunning = found.state === 'running'
      const notices = wasRunning ? [...found.notices, interruptedNotice(found)] : found.notices
      const job: LiveJob = { snapshot: found, controller: new AbortController() }
      if (found.cancelling) end(job, { state: 'cancelled' })
      else add(changeAndStore(job, { state: 'queued', notices }))
    },
    listUnfinished: (): JobSnapshot[] => [...live.values()].map(job => job.snapshot),
    find: (id: string): JobSnapshot | null => live.get(id)?.snapshot ?? store.find(id),
    /** At once; the engine hears it between two steps. */
    cancel(id: string): JobSnapshot {
      const job = live.get(id)
      if (job === undefined) {
        const found = store.find(id)
        if (found === null) throw new AppError('not-found', `There is no job "${id}".`)
        return found
      }
      if (job.snapshot.cancelling) return job.snapshot
      if (job.snapshot.state === 'queued') return end(job, { state: 'cancelled' })
      const snapshot = changeAndStore(job, { cancelling: true })
      job.controller.abort()
      return snapshot
    },
    /** Starts no further job; resolves when the running one has stopped. The caller stops the engine. */
    async close(): Promise<void> {
      isClosing = true
      for (const job of live.values()) job.controller.abort()
      await loop
    },
  }
}

function interruptedNotice(job: JobSnapshot): string {
  const done = job.results.length
  return done === 0
    ? 'Easel was closed while this ran; it was started again from the beginning.'
    : `Easel was closed while this ran; it went on after picture ${done} of ${job.request.images}.`
}
