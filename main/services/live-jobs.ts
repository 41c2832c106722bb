/**
 * The unfinished jobs of this process and the only way to change one: every change is a new revision and an event, and
 * what a restart must know is stored with it.
 */
import type { JobSnapshot } from '#contract/jobs'
import type { Log } from '#contract/log'
import type { JobStore } from '#storage/job-store'
import type { Events } from './events.ts'

export interface LiveJob {
  snapshot: JobSnapshot
  /** Aborted when the job is to stop. */
  readonly controller: AbortController
  /** Aborted when the image in work is to be skipped; a new one for every attempt. */
  skipping: AbortController
}

/** What the work on a job may do to it, and hears of it. */
export interface JobControl {
  change: (part: Partial<JobSnapshot>) => void
  /** Aborted when the job is to stop. */
  signal: AbortSignal
  skipped: () => readonly number[]
  /** A signal that is aborted by the next skip. */
  nextSkip: () => AbortSignal
}

export interface LiveJobsOptions {
  store: JobStore
  /** Id of this process. */
  owner: string
  events: Events
  now: () => number
  log: Log
}

export function createLiveJobs({ store, owner, events, now, log }: LiveJobsOptions) {
  const jobs = new Map<string, LiveJob>()

  /** For progress: seen by the views, not stored. The revision is a time, so that it grows over restarts too. */
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
      jobs.delete(snapshot.id)
      job.controller.abort()
    }
    return snapshot
  }

  return {
    change,
    changeAndStore,
    /** The job is over: stored, and no longer live. */
    end(job: LiveJob, part: Partial<JobSnapshot>): JobSnapshot {
      jobs.delete(job.snapshot.id)
      return changeAndStore(job, { ...part, finishedAt: now(), progress: null, cancelling: false })
    },
    /** Only the image in work can be skipped. */
    skip(job: LiveJob, image: number): JobSnapshot {
      const { skipped, progress, cancelling } = job.snapshot
      const isInWork = progress?.image === image && progress.phase !== 'saving'
      if (!isInWork || cancelling || skipped.includes(image)) return job.snapshot
      const snapshot = changeAndStore(job, { skipped: [...skipped, image] })
      job.skipping.abort()
      return snapshot
    },
    controlOf: (job: LiveJob): JobControl => ({
      change: part => change(job, part),
      signal: job.controller.signal,
      skipped: () => job.snapshot.skipped,
      nextSkip() {
        job.skipping = new AbortController()
        return job.skipping.signal
      },
    }),
    add(snapshot: JobSnapshot): LiveJob {
      const job: LiveJob = { snapshot, controller: new AbortController(), skipping: new AbortController() }
      jobs.set(snapshot.id, job)
      return job
    },
    drop(id: string): void {
      jobs.delete(id)
    },
    find: (id: string): LiveJob | null => jobs.get(id) ?? null,
    /** In the order of the queue. */
    list: (): LiveJob[] => [...jobs.values()],
  }
}
