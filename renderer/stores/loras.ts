/** The LoRA files that are there, each with whether it fits the model that was asked for last. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { LoraSummary } from '#contract/loras'
import { useClient } from './client.ts'

export const useLoras = defineStore('loras', () => {
  const client = useClient()
  const files = ref<readonly LoraSummary[]>([])
  let asked = ''

  /** An answer that a later question has overtaken is dropped. */
  async function refresh(model: string): Promise<void> {
    asked = model
    const found = await client.call('loras.list', { model })
    if (asked === model) files.value = found
  }

  return { files, refresh }
})
