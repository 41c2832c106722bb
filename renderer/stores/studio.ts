/** What stands on the stage, and which pictures belong to this session. */
import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { z } from 'zod'
import type { ImageRecord } from '#contract/gallery'
import type { JobSnapshot } from '#contract/jobs'
import { useJobs } from './jobs.ts'
import { persist } from './persist.ts'
import { usePictures } from './pictures.ts'
import { useWindowMemory } from './window-memory.ts'

const selectionSchema = z
  .union([
    z.object({ kind: z.literal('picture'), id: z.string() }),
    /** The pictures of one job side by side, finished or not. */
    z.object({ kind: z.literal('job'), id: z.string() }),
    /** Those of all jobs that were queued together: a grid, four variations. */
    z.object({ kind: z.literal('batch'), id: z.string() }),
  ])
  .nullable()
export type Selection = z.infer<typeof selectionSchema>

const memorySchema = z.object({
  sessionAfter: z.number(),
  lastSeenAt: z.number(),
  selection: selectionSchema.catch(null),
})
/** A window that was left longer than this starts with an empty strip; its pictures are in the gallery. */
const SESSION_REST_MS = 12 * 60 * 60 * 1000

export const useStudio = defineStore('studio', () => {
  const jobs = useJobs()
  const pictures = usePictures()
  const memory = useWindowMemory()
  const kept = memorySchema.safeParse(memory.read('studio')).data
  const goesOn = kept !== undefined && Date.now() - kept.lastSeenAt < SESSION_REST_MS

  /**
   * When the newest picture was made that is older than this session; null until the gallery was asked. The host's
   * clock on both sides of the comparison: another device's may be minutes off.
   */
  const sessionAfter = ref<number | null>(goesOn ? kept.sessionAfter : null)
  const selection = ref<Selection>(goesOn ? kept.selection : null)
  persist(memory, 'studio', () => ({
    sessionAfter: sessionAfter.value,
    lastSeenAt: Date.now(),
    selection: selection.value,
  }))

  watch(
    () => pictures.isLoaded,
    isLoaded => {
      if (isLoaded) sessionAfter.value ??= pictures.newestFirst[0]?.createdAt ?? 0
    },
    { immediate: true, flush: 'sync' },
  )

  /** Jobs of this window that take the stage when they start; looking at something else ends that. */
  const followed = new Set<string>()

  /** Oldest first, as they stand in the strip. */
  const strip = computed(() => {
    const after = sessionAfter.value
    return after === null ? [] : pictures.newestFirst.filter(image => image.createdAt > after).toReversed()
  })
  const job = computed(() => (selection.value?.kind === 'job' ? (jobs.byId.get(selection.value.id) ?? null) : null))
  const batch = computed(() => {
    const shown = selection.value
    if (shown?.kind !== 'batch') return null
    const ofBatch = jobs.all.filter(({ cell }) => cell?.batch === shown.id)
    return ofBatch.length === 0 ? null : ofBatch
  })
  const picture = computed<ImageRecord | null>(() => {
    if (selection.value?.kind === 'picture') return pictures.byId.get(selection.value.id) ?? null
    const [only] = job.value?.request.images === 1 ? job.value.results : []
    return only === undefined ? null : (pictures.byId.get(only) ?? null)
  })

  function showPicture(id: string): void {
    followed.clear()
    selection.value = { kind: 'picture', id }
  }

  function showJob(id: string): void {
    followed.clear()
    selection.value = { kind: 'job', id }
  }

  function showBatch(id: string): void {
    followed.clear()
    selection.value = { kind: 'batch', id }
  }

  /** After queueing several together: they are looked at side by side. */
  function followBatch([first]: readonly JobSnapshot[]): void {
    if (first?.cell) showBatch(first.cell.batch)
  }

  /** After Generate: whatever this window asked for is shown while it is drawn, one job after the other. */
  function follow(id: string): void {
    followed.add(id)
    const current = jobs.running
    selection.value = { kind: 'job', id: current !== null && followed.has(current.id) ? current.id : id }
  }
  watch(
    () => jobs.running?.id,
    id => {
      if (id !== undefined && followed.has(id)) selection.value = { kind: 'job', id }
    },
  )

  /** Moves along the strip; +1 is newer. Stops at the ends. */
  function step(by: number): void {
    const at = strip.value.findIndex(image => image.id === picture.value?.id)
    const start = at === -1 ? (by > 0 ? -1 : strip.value.length) : at
    const next = strip.value[Math.min(Math.max(start + by, 0), strip.value.length - 1)]
    if (next !== undefined) showPicture(next.id)
  }

  /** The neighbour that takes the place of a picture that is about to go. */
  function moveOff(ids: string[]): void {
    const current = picture.value?.id
    if (current === undefined || !ids.includes(current)) return
    const at = strip.value.findIndex(image => image.id === current)
    const stays = (image: ImageRecord) => !ids.includes(image.id)
    const neighbour = strip.value.slice(at + 1).find(stays) ?? strip.value.slice(0, Math.max(at, 0)).findLast(stays)
    selection.value = neighbour === undefined ? null : { kind: 'picture', id: neighbour.id }
  }

  const shown = { selection, strip, job, batch, picture }
  return { sessionAfter, ...shown, showPicture, showJob, showBatch, follow, followBatch, step, moveOff }
})
