/** A list of jobs in which those that were queued together stand as one. Pure. */
import type { JobSnapshot } from '#contract/jobs'

export type QueueEntry =
  { kind: 'job'; key: string; job: JobSnapshot } | { kind: 'batch'; key: string; jobs: JobSnapshot[] }

/** A batch stands where its first job stands; the rest of the order holds. */
export function groupJobs(jobs: readonly JobSnapshot[]): QueueEntry[] {
  const batches = new Map<string, JobSnapshot[]>()
  const entries: QueueEntry[] = []
  for (const job of jobs) {
    const batch = job.cell?.batch
    const known = batch === undefined ? undefined : batches.get(batch)
    if (known !== undefined) known.push(job)
    else if (batch === undefined) entries.push({ kind: 'job', key: job.id, job })
    else {
      const members = [job]
      batches.set(batch, members)
      entries.push({ kind: 'batch', key: batch, jobs: members })
    }
  }
  return entries.map(entry => {
    const [only, ...more] = entry.kind === 'batch' ? entry.jobs : []
    return only !== undefined && more.length === 0 ? { kind: 'job', key: only.id, job: only } : entry
  })
}
