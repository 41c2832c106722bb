/**
 * The queue of this process: unfinished jobs in their order, one at a time on the engine. Pausing, reordering and
 * priorities are not here yet.
 */
import { AppError, toErrorPayload } from '#contract/errors'
import { isJobOver, type JobSnapshot } from '#contract/jobs'
import { createNotice, withoutRepeats, type Notice } from '#contract/notices'
import type { JobStore } from '#storage/job-store'
import { createLiveJobs, type JobControl, type LiveJob, type LiveJobs, type LiveJobsOptions } from './live-jobs.ts'

export interface JobQueueOptions extends LiveJobsOptions {
  /** Makes the pictures of one job; `control` writes progress and results into its snapshot. */
  run: (job: JobSnapshot, control: JobControl) => Promise<void>
  /** Removes what was kept to go on with a job, now that it is over. */
  forget: (jobId: string) => Promise<void>
  /** Called when the last job has ended, and when one begins after that. */
  onIdle: (isIdle: boolean) => void
}

export type JobQueue = ReturnType<typeof createJobQueue>

export function createJobQueue(options: JobQueueOptions) {
  const { store, owner, events, now, log } = options
  const live = createLiveJobs(options)
  let loop: Promise<void> | null = null
  let isClosing = false
  const get = (id: string) => snapshotOf(id, live, store)
  const wake = () => void (loop ??= work())

  async function work(): Promise<void> {
    await Promise.resolve() // `submit` answers before the job starts
    options.onIdle(false)
    for (let [job] = live.list(); job !== undefined && !isClosing; [job] = live.list()) await perform(job)
    loop = null // in one go with finding nothing, or a job that comes in between would wait for ever
    options.onIdle(true)
  }

  async function perform(job: LiveJob): Promise<void> {
    const { id } = job.snapshot
    log.info('Job started', { job: id })
    try {
      live.changeAndStore(job, { state: 'running', startedAt: job.snapshot.startedAt ?? now() })
      await options.run(job.snapshot, live.controlOf(job))
      live.end(job, outcomeOf(job.snapshot, store.finishedImages(id)))
      log.info('Job done', { job: id })
    } catch (thrown) {
      settle(job, thrown)
    } finally {
      live.drop(id) // whatever went wrong: the same job is not tried for ever
    }
    await forgetIfOver(id, options)
  }

  /** What a job that was stopped or failed ends as. */
  function settle(job: LiveJob, thrown: unknown): void {
    const error = toErrorPayload(thrown)
    try {
      if (isClosing && !job.snapshot.cancelling)
        return void live.changeAndStore(job, { state: 'queued', progress: null }) // goes on at the next start
      if (error.code === 'cancelled' || job.snapshot.cancelling) return void live.end(job, { state: 'cancelled' })
      log.error('Job failed', { job: job.snapshot.id, ...error })
      live.end(job, { state: 'failed', error })
    } catch (storing) {
      // On a full disk. It is shown as it ended, and stored as soon as there is room; a start before that goes on with it.
      log.error('The end of a job could not be stored', { job: job.snapshot.id, reason: String(storing) })
    }
  }

  return {
    submit(snapshot: JobSnapshot): JobSnapshot {
      store.insert(snapshot, owner)
      live.add(snapshot)
      events.emit({ type: 'job', job: snapshot })
      wake()
      return snapshot
    },
    /** Takes over what an earlier or dead process left; finished images stay finished. */
    adopt(id: string): void {
      const found = store.find(id)
      if (found === null || isJobOver(found.state) || live.find(id) !== null) return
      const job = live.add(found)
      if (found.cancelling) live.end(job, { state: 'cancelled' })
      else live.changeAndStore(job, { state: 'queued', notices: withInterruption(found) })
      wake()
    },
    listUnfinished: (): JobSnapshot[] => live.list().map(job => job.snapshot),
    listUnstored: live.listUnstored,
    get,
    /** For jobs that ended while the disk was full; throws as long as it is. */
    storeEnds: async () => void (await Promise.all(live.storeEnds().map(id => forgetIfOver(id, options)))),
    /** At once; the engine hears it between two steps. */
    cancel(id: string): JobSnapshot {
      const job = live.find(id)
      if (job === null) return get(id) // it is over already, or another process'
      if (job.snapshot.cancelling) return job.snapshot
      if (job.snapshot.state === 'queued') return live.end(job, { state: 'cancelled' })
      const snapshot = live.changeAndStore(job, { cancelling: true })
      job.controller.abort()
      return snapshot
    },
    /** At once; the engine hears it between two steps. Only the image in work can be skipped. */
    skipImage: (id: string, image: number): JobSnapshot => live.skip(id, image) ?? get(id),
    /** Starts no further job; resolves when the running one has stopped. The caller stops the engine. */
    async close(): Promise<void> {
      isClosing = true
      for (const job of live.list()) job.controller.abort()
      await loop
    },
  }
}

/** As it is stored: a job whose end could not be written goes on at the next start. */
async function forgetIfOver(id: string, { store, forget, log }: JobQueueOptions): Promise<void> {
  try {
    const stored = store.find(id)
    if (stored === null || isJobOver(stored.state)) await forget(id)
  } catch (thrown) {
    log.warn('What was kept of a job could not be removed', { job: id, reason: String(thrown) })
  }
}

/** An image may have been finished while its skip was on the way: then it is there. A job without any was stopped. */
function outcomeOf(job: JobSnapshot, finished: ReadonlySet<number>): Partial<JobSnapshot> {
  const skipped = job.skipped.filter(image => !finished.has(image))
  return { state: finished.size === 0 ? 'cancelled' : 'done', skipped }
}

function snapshotOf(id: string, live: LiveJobs, store: JobStore): JobSnapshot {
  const known = live.find(id)?.snapshot ?? live.listUnstored().find(job => job.id === id) ?? store.find(id)
  if (known === null) throw new AppError('not-found', `There is no job "${id}".`)
  return known
}

/** Said once, however many crashes the job ran into. */
function withInterruption(job: JobSnapshot): Notice[] {
  return job.startedAt === null ? job.notices : withoutRepeats([...job.notices, interruptedNotice(job)])
}

function interruptedNotice(job: JobSnapshot): Notice {
  const done = job.results.length
  return done === 0
    ? createNotice('closed-meanwhile', {})
    : createNotice('closed-after', { done, all: job.request.images })
}
