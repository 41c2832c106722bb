/**
 * The results of this canvas's edits, looked at in the place of the picture. A result of a picture that was painted on
 * beyond its edges is larger than the picture: where it lies follows from its own request.
 */
import { computed, ref, shallowRef, watch } from 'vue'
import type { Edit } from '#contract/edit'
import type { GenerationRequest } from '#contract/generation'
import { isJobOver, type Preview } from '#contract/jobs'
import type { Notice } from '#contract/notices'
import type { ChangePlan } from '../canvas/plan-change.ts'
import type { BasePicture } from './base-pictures.ts'
import type { useJobs } from './jobs.ts'

export interface Candidate {
  picture: BasePicture
  place: Pick<Edit, 'extend' | 'area'>
  request: GenerationRequest
  /** What happened while it was made: how the picture was converted, say. */
  notices: readonly Notice[]
}

/** What a running job has painted so far, and what was planned when it was sent. */
export interface EditPreview {
  preview: Preview
  plan: ChangePlan
}

const NO_PLACE = { extend: { left: 0, top: 0, right: 0, bottom: 0 }, area: null }

export function createCandidates(jobs: ReturnType<typeof useJobs>) {
  const jobIds = ref<string[]>([])
  /** Of a file that was opened: their jobs are not known here. */
  const restored = shallowRef<readonly Candidate[]>([])
  const sent = shallowRef<{ jobId: string; plan: ChangePlan } | null>(null)
  /** Index among the candidates; null shows the picture and its mask. */
  const shown = ref<number | null>(null)
  /** How much of the result is seen over what was there before: 0..1. */
  const blend = ref(1)

  const made = computed(() =>
    jobIds.value.flatMap(jobId => {
      const job = jobs.byId.get(jobId)
      if (job === undefined) return []
      const { request, notices } = job
      const place = request.edit ?? NO_PLACE
      return job.results.map((id): Candidate => ({ picture: { kind: 'image', id }, place, request, notices }))
    }),
  )
  const candidates = computed(() => [...restored.value, ...made.value])
  const current = computed(() => (shown.value === null ? null : (candidates.value[shown.value] ?? null)))
  const last = computed(() => jobs.byId.get(jobIds.value.at(-1) ?? ''))
  const running = computed(() => (last.value !== undefined && !isJobOver(last.value.state) ? last.value : null))
  /** null while a result is looked at. */
  const inWork = computed((): EditPreview | null => {
    const preview = jobs.previews.get(running.value?.id ?? '')
    if (preview === undefined || sent.value?.jobId !== preview.jobId || shown.value !== null) return null
    return { preview, plan: sent.value.plan }
  })
  const failure = computed(() => last.value?.error ?? null)
  const isOpen = computed(() => jobIds.value.length > 0 || restored.value.length > 0)

  /** A result that arrives is looked at, however soon: a quick one is there before the page knows of its job. */
  watch(
    () => made.value.length,
    (count, before) => {
      if (count > before) show(candidates.value.length - 1)
    },
  )

  function show(index: number | null): void {
    shown.value = index
    blend.value = 1
  }

  /** `plan`: what is known of it; null when it was sent before a plan was made. */
  function follow(jobId: string, plan: ChangePlan | null = null): void {
    jobIds.value = [...jobIds.value, jobId]
    sent.value = plan === null ? null : { jobId, plan }
  }

  /** As they were when the canvas was left, or saved. */
  function recall(jobs: readonly string[], others: readonly Candidate[]): void {
    jobIds.value = [...jobs]
    restored.value = others
    show(null)
  }

  /** The results stay in the gallery; here they go, and the mask is what is seen again. */
  function forgetCandidates(): void {
    recall([], [])
  }

  /** Moves among the results; false when there are none. */
  function step(by: number): boolean {
    const count = candidates.value.length
    if (count === 0) return false
    show(shown.value === null ? (by > 0 ? 0 : count - 1) : (shown.value + by + count) % count)
    return true
  }

  return {
    jobIds,
    restored,
    candidates,
    current,
    shown,
    blend,
    running,
    inWork,
    failure,
    isOpen,
    show,
    follow,
    recall,
    forgetCandidates,
    step,
  }
}
