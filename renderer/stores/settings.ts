/** What the user chose once and for all, as the host keeps it. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import { DEFAULT_SETTINGS, type Settings, type SettingsPatch } from '#contract/settings'
import { useClient } from './client.ts'

export const useSettings = defineStore('settings', () => {
  const client = useClient()
  const value = ref<Settings>(DEFAULT_SETTINGS)

  function apply(settings: Settings): void {
    value.value = settings
  }

  async function refresh(): Promise<void> {
    apply(await client.call('settings.get', {}))
  }

  async function update(patch: SettingsPatch): Promise<void> {
    apply(await client.call('settings.update', patch))
  }

  return { value, apply, refresh, update }
})
