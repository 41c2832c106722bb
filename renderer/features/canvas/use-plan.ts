/** What generating would change, worked out again a moment after mask or options changed. */
import { watchDebounced } from '@vueuse/core'
import { onScopeDispose, onWatcherCleanup, ref, shallowRef, toRaw, watch } from 'vue'
import { LIMITS } from '#contract/generation'
import { trackDirtyTiles, type DirtyTiles } from '../../canvas/dirty-tiles.ts'
import { hasStrokes } from '../../canvas/document.ts'
import type { ChangePlan } from '../../canvas/plan-change.ts'
import type { PlanAnswer, PlanQuestion } from '../../canvas/plan-worker.ts'
import { useCanvas } from '../../stores/canvas.ts'
import { useDraft } from '../../stores/draft.ts'

const SETTLE_MS = 150

export function usePlan() {
  const [canvas, draft] = [useCanvas(), useDraft()]
  const plan = shallowRef<ChangePlan | null>(null)
  const steps = ref(0)
  const worker = new Worker(new URL('../../canvas/plan-worker.ts', import.meta.url), { type: 'module' })
  onScopeDispose(() => worker.terminate())
  let asked = 0
  let dirty: DirtyTiles | null = null
  worker.onmessage = ({ data }: MessageEvent<PlanAnswer>) => {
    if (data.id === asked) plan.value = data.plan // an older mask's plan is no news
  }
  watch(
    () => canvas.editor,
    editor => {
      const stop = editor?.onChange(({ kind }) => {
        if (kind === 'history') steps.value += 1 // every gesture ends with it
      })
      const tracked = editor === null ? null : trackDirtyTiles(editor, ['mask'])
      tracked?.markAll()
      dirty = tracked
      onWatcherCleanup(() => {
        stop?.()
        tracked?.stop()
      })
    },
    { immediate: true },
  )
  watchDebounced(
    () => [steps.value, canvas.editor, canvas.options, draft.values.width, draft.values.height, draft.model],
    () => {
      const { editor } = canvas
      asked += 1
      if (editor === null || dirty === null) {
        plan.value = null
        return
      }
      const { mask, frame } = editor.document
      const { tiles, isWhole } = dirty.take()
      const { width, height } = draft.values
      const multiple = draft.model?.sizeMultiple ?? LIMITS.size.step
      editor.set({ snap: { multiple, width, height } })
      const question: PlanQuestion = {
        id: asked,
        mask: { width: mask.width, height: mask.height, tiles: tiles.mask, isWhole },
        input: {
          frame,
          isSketched: hasStrokes(editor.document),
          options: { ...toRaw(canvas.options) },
          target: { width, height },
          limits: { sizeMultiple: multiple, fixedSize: fixedSizeOf(draft.model?.fixedSize) },
        },
      }
      worker.postMessage(question)
    },
    { debounce: SETTLE_MS, immediate: true },
  )
  return plan
}

function fixedSizeOf(fixed: readonly [number, number] | null | undefined): { width: number; height: number } | null {
  if (fixed === null || fixed === undefined) return null
  const [height, width] = fixed
  return { width, height }
}
