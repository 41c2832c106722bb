/** The jobs as the host last told them, and the newest preview of each running one. Never decides anything about a job. */
import { defineStore } from 'pinia'
import { computed, reactive } from 'vue'
import type { GenerationInput } from '#contract/generation'
import { isJobOver, type Batch, type JobSnapshot, type Preview } from '#contract/jobs'
import type { Client } from '../api.ts'
import { useClient } from './client.ts'

export const useJobs = defineStore('jobs', () => {
  const client = useClient()
  /** In the order in which the host lists them; a job that is new here comes last. */
  const byId = reactive(new Map<string, JobSnapshot>())
  const previews = reactive(new Map<string, Preview>())

  const all = computed(() => [...byId.values()])
  const running = computed(() => all.value.find(job => job.state === 'running') ?? null)
  const waiting = computed(() => all.value.filter(job => job.state === 'queued'))
  const unfinished = computed(() => all.value.filter(job => !isJobOver(job.state)))
  const finished = computed(() =>
    all.value
      .filter(job => isJobOver(job.state))
      .toSorted((a, b) => (b.finishedAt ?? b.createdAt) - (a.finishedAt ?? a.createdAt)),
  )

  /** Events and answers overtake each other: a snapshot that is older than the one at hand is dropped. */
  function apply(job: JobSnapshot): void {
    const known = byId.get(job.id)
    if (known !== undefined && known.revision > job.revision) return
    byId.set(job.id, job)
    if (isJobOver(job.state)) previews.delete(job.id)
  }

  function applyPreview(preview: Preview): void {
    const job = byId.get(preview.jobId)
    if (job !== undefined && isJobOver(job.state)) return
    previews.set(preview.jobId, preview)
  }

  async function refresh(): Promise<void> {
    const listed = await client.call('jobs.list', {})
    const newer = new Map(byId)
    byId.clear()
    for (const job of listed) {
      const known = newer.get(job.id)
      byId.set(job.id, known !== undefined && known.revision > job.revision ? known : job)
    }
  }

  /** Pictures stay; only the list of what was asked for goes. */
  async function clearFinished(): Promise<void> {
    await client.call('jobs.clearFinished', {})
    forgetFinished()
  }

  function forgetFinished(): void {
    for (const job of finished.value) byId.delete(job.id)
  }

  return {
    byId,
    previews,
    all,
    running,
    waiting,
    unfinished,
    finished,
    apply,
    applyPreview,
    refresh,
    clearFinished,
    forgetFinished,
    ...createCommands(client, apply),
  }
})

/** What can be asked of the host; each answer is a snapshot like those of the events. */
function createCommands(client: Client, apply: (job: JobSnapshot) => void) {
  return {
    async submit(input: GenerationInput): Promise<JobSnapshot> {
      const job = await client.call('jobs.submit', input)
      apply(job)
      return job
    },
    async submitBatch(batch: Batch): Promise<JobSnapshot[]> {
      const queued = await client.call('jobs.submitBatch', batch)
      queued.forEach(apply)
      return queued
    },
    async cancel(id: string): Promise<void> {
      apply(await client.call('jobs.cancel', { id }))
    },
    /** From the end, so that none starts only to be cancelled. */
    async cancelMany(ids: readonly string[]): Promise<void> {
      for (const id of ids.toReversed()) apply(await client.call('jobs.cancel', { id }))
    },
    async cancelAll(): Promise<void> {
      const jobs = await client.call('jobs.cancelAll', {})
      jobs.forEach(apply)
    },
    async skipImage(job: JobSnapshot): Promise<void> {
      if (job.progress === null) return
      apply(await client.call('jobs.skipImage', { id: job.id, image: job.progress.image }))
    },
  }
}
