/** What generating would change, worked out again a moment after mask or options changed. */
import { watchDebounced } from '@vueuse/core'
import { onWatcherCleanup, ref, shallowRef, watch } from 'vue'
import { LIMITS } from '#contract/generation'
import { planChange, type ChangePlan } from '../../canvas/plan-change.ts'
import { useCanvas } from '../../stores/canvas.ts'
import { useDraft } from '../../stores/draft.ts'

const SETTLE_MS = 150

export function usePlan() {
  const [canvas, draft] = [useCanvas(), useDraft()]
  const plan = shallowRef<ChangePlan | null>(null)
  const steps = ref(0)
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
      const { width, height } = draft.values
      const limits = { sizeMultiple: draft.model?.sizeMultiple ?? LIMITS.size.step, fixedSize: null }
      const mask = canvas.editor?.document.mask
      plan.value = mask === undefined ? null : planChange(mask, canvas.options, { width, height }, limits)
    },
    { debounce: SETTLE_MS, immediate: true },
  )
  return plan
}
