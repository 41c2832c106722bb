/** How long a whole grid will take; null when one of its cells was never measured. */
import { computed, type ComputedRef, type Ref } from 'vue'
import type { Batch } from '#contract/jobs'
import { useDraft } from '../../stores/draft.ts'
import { useJobs } from '../../stores/jobs.ts'
import { estimateSeconds } from '../generate/estimate.ts'

export function useGridEstimate(cells: Ref<Batch['cells']>): ComputedRef<number | null> {
  const [draft, jobs] = [useDraft(), useJobs()]
  return computed(() => {
    let total = 0
    for (const { input } of cells.value) {
      const seconds = estimateSeconds({ ...draft.values, ...input, model: input.model ?? '', images: 1 }, jobs.finished)
      if (seconds === null) return null
      total += seconds
    }
    return total
  })
}
