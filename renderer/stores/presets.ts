/** The user's presets of every model, as the host keeps them. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { Preset } from '#contract/presets'
import { useClient } from './client.ts'

export const usePresets = defineStore('presets', () => {
  const client = useClient()
  const all = ref<Preset[]>([])

  function apply(presets: Preset[]): void {
    all.value = presets
  }
  async function refresh(): Promise<void> {
    apply(await client.call('presets.list', {}))
  }
  async function save(preset: Preset, replaces?: string): Promise<void> {
    apply(await client.call('presets.save', { ...preset, replaces }))
  }
  async function remove({ model, name }: Pick<Preset, 'model' | 'name'>): Promise<void> {
    apply(await client.call('presets.delete', { model, name }))
  }
  function of(model: string): Preset[] {
    return all.value.filter(preset => preset.model === model)
  }

  return { all, apply, refresh, save, remove, of }
})
