/** The models that the host found, usable or not. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { ModelSummary } from '#contract/models'
import { useClient } from './client.ts'

export const useModels = defineStore('models', () => {
  const client = useClient()
  const all = ref<ModelSummary[]>([])
  const isLoaded = ref(false)
  const usable = computed(() => all.value.filter(model => model.problem === null))

  /** Those that make pictures of their own; the others make any picture larger, without words. */
  const painters = computed(() => usable.value.filter(({ features }) => !features.includes('super-resolution')))
  const enlargers = computed(() => usable.value.filter(({ features }) => features.includes('super-resolution')))

  function apply(models: ModelSummary[]): void {
    all.value = models
    isLoaded.value = true
  }

  async function refresh(): Promise<void> {
    apply(await client.call('models.list', {}))
  }

  function find(id: string | null): ModelSummary | null {
    return all.value.find(model => model.id === id) ?? null
  }

  return { all, usable, painters, enlargers, isLoaded, apply, refresh, find }
})
