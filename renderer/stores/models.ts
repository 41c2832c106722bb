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

  /** As another program may call it: by id or name, whatever the case; null when it is not there or cannot be used. */
  function findByName(name: string): ModelSummary | null {
    const wanted = name.toLowerCase()
    return usable.value.find(model => [model.id, model.name].some(own => own.toLowerCase() === wanted)) ?? null
  }

  return { all, usable, painters, enlargers, isLoaded, apply, refresh, find, findByName }
})
