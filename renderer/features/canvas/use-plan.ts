/** What generating would change, worked out again a moment after mask or options changed. */
import { watchDebounced } from '@vueuse/core'
import { onScopeDispose, onWatcherCleanup, ref, shallowRef, toRaw, watch } from 'vue'
import { LIMITS } from '#contract/generation'
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
  worker.onmessage = ({ data }: MessageEvent<PlanAnswer>) => {
    if (data.id === asked) plan.value = data.plan // an older mask's plan is no news
  }
  watch(
    () => canvas.editor,
    editor => {
      const stop = editor?.onChange(({ kind }) => {
        if (kind === 'history') steps.value += 1
      })
      onWatcherCleanup(() => stop?.())
    },
    { immediate: true },
  )
  watchDebounced(
    () => [steps.value, canvas.editor, canvas.options, draft.values.width, draft.values.height, draft.model],
    () => {
      const mask = canvas.editor?.document.mask
      asked += 1
      if (mask === undefined) {
        plan.value = null
        return
      }
      const { width, height } = draft.values
      const limits = { sizeMultiple: draft.model?.sizeMultiple ?? LIMITS.size.step, fixedSize: null }
      const options = { ...toRaw(canvas.options) }
      const question: PlanQuestion = { id: asked, mask, options, target: { width, height }, limits }
      worker.postMessage(question)
    },
    { debounce: SETTLE_MS, immediate: true },
  )
  return plan
}
