/**
 * The canvas of this page: which picture lies on it, how it is edited, and the results that are looked at. It outlives
 * the view, so that the mask and its history are there again after a look into the gallery.
 */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { z } from 'zod'
import { EDIT_OPTION_DEFAULTS, editOptionsSchema, type EditOptions } from '#contract/edit'
import { isJobOver } from '#contract/jobs'
import { createDocument } from '../canvas/document.ts'
import { createEditor, type Editor } from '../canvas/editor.ts'
import { MASK_LOOKS, type MaskLook } from '../canvas/mask-look.ts'
import { createBasePictures, type BasePicture } from './base-pictures.ts'
import { useJobs } from './jobs.ts'
import { persist } from './persist.ts'
import { useWindowMemory } from './window-memory.ts'

const memorySchema = z.object({ options: editOptionsSchema.catch({}), maskLook: z.enum(MASK_LOOKS).catch('tint') })

export const useCanvas = defineStore('canvas', () => {
  const jobs = useJobs()
  const memory = useWindowMemory()
  const kept = memorySchema.safeParse(memory.read('canvas')).data

  /** Counts the pictures that were put on it: a view of one is not a view of the next. */
  const opened = ref(0)
  const editor = shallowRef<Editor | null>(null)
  const options = ref<EditOptions>({ ...EDIT_OPTION_DEFAULTS, ...kept?.options })
  const maskLook = ref<MaskLook>(kept?.maskLook ?? 'tint')
  persist(memory, 'canvas', () => ({ options: options.value, maskLook: maskLook.value }))

  const bases = createBasePictures()
  const jobIds = ref<string[]>([])
  /** Index among the candidates; null shows the picture and its mask. */
  const shown = ref<number | null>(null)
  /** How much of the result is seen over what was there before: 0..1. */
  const blend = ref(1)

  const candidates = computed(() => jobIds.value.flatMap(id => jobs.byId.get(id)?.results ?? []))
  const running = computed(() => {
    const last = jobs.byId.get(jobIds.value.at(-1) ?? '')
    return last !== undefined && !isJobOver(last.state) ? last : null
  })
  const failure = computed(() => jobs.byId.get(jobIds.value.at(-1) ?? '')?.error ?? null)

  /** A result that arrives is looked at, however soon: a quick one is there before the page knows of its job. */
  watch(
    () => candidates.value.length,
    (count, before) => {
      if (count > before) show(count - 1)
    },
  )

  function open(base: BasePicture, size: { width: number; height: number }): void {
    forgetCandidates()
    opened.value += 1
    const next = createEditor(createDocument(bases.nameOf(base), size))
    if (editor.value !== null) next.set(editor.value.settings) // the hand keeps its brush
    editor.value = next
  }

  function nextMaskLook(): void {
    maskLook.value = MASK_LOOKS[(MASK_LOOKS.indexOf(maskLook.value) + 1) % MASK_LOOKS.length] ?? 'tint'
  }

  function show(index: number | null): void {
    shown.value = index
    blend.value = 1
  }

  function follow(jobId: string): void {
    jobIds.value = [...jobIds.value, jobId]
  }

  /** The results stay in the gallery; here they go, and the mask is what is seen again. */
  function forgetCandidates(): void {
    jobIds.value = []
    show(null)
  }

  /** Moves among the results; false when there are none. */
  function step(by: number): boolean {
    const count = candidates.value.length
    if (count === 0) return false
    show(shown.value === null ? (by > 0 ? 0 : count - 1) : (shown.value + by + count) % count)
    return true
  }

  /** Makes the shown result the picture; undoing brings the former one and its mask back. */
  function keep(): void {
    const id = shown.value === null ? undefined : candidates.value[shown.value]
    if (id === undefined || editor.value === null) return
    const { width, height, data } = editor.value.document.mask
    editor.value.setBase(bases.nameOf({ kind: 'image', id }), { width, height, data: new Uint8Array(data.length) })
    forgetCandidates()
  }

  return {
    opened,
    editor,
    options,
    maskLook,
    nextMaskLook,
    candidates,
    shown,
    blend,
    show,
    running,
    failure,
    jobIds,
    open,
    baseOf: bases.baseOf,
    follow,
    forgetCandidates,
    step,
    keep,
  }
})
