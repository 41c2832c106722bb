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

export type LiveJobs = ReturnType<typeof createLiveJobs>

export function createLiveJobs({ store, owner, events, now, log }: LiveJobsOptions) {
  const jobs = new Map<string, LiveJob>()
  /** Over, but the database could not be written then: as the views saw them end. */
  const unstored = new Map<string, JobSnapshot>()

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
    /** The job is over: stored, and no longer live. What cannot be stored is kept for `storeEnds`; the error is thrown. */
    end(job: LiveJob, part: Partial<JobSnapshot>): JobSnapshot {
      const { id } = job.snapshot
      jobs.delete(id)
      try {
        const snapshot = changeAndStore(job, { ...part, finishedAt: now(), progress: null, cancelling: false })
        unstored.delete(id)
        return snapshot
      } catch (thrown) {
        unstored.set(id, job.snapshot)
        throw thrown
      }
    },
    /** Those that ended when they could not be stored. */
    listUnstored: (): JobSnapshot[] => [...unstored.values()],
    /** Tries again; returns the ids of those that are stored now. Throws where the database still cannot be written. */
    storeEnds(): string[] {
      const stored: string[] = []
      for (const [id, snapshot] of unstored) {
        store.update(snapshot, owner)
        unstored.delete(id)
        stored.push(id)
      }
      return stored
    },
    /** Only the image in work can be skipped; null where the job is not live. */
    skip(id: string, image: number): JobSnapshot | null {
      const job = jobs.get(id)
      if (job === undefined) return null
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
