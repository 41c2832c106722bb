/** What the program behind the page says of itself; asked whenever a connection opens. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { AppInfo } from '#contract/api'
import type { ProviderChoice } from '#contract/providers'
import { useClient } from './client.ts'

export const useAppInfo = defineStore('app-info', () => {
  const client = useClient()
  const value = ref<AppInfo | null>(null)
  const providerChoices = computed<ProviderChoice[]>(() => ['auto', ...(value.value?.providers ?? ['cpu'])])

  async function refresh(): Promise<AppInfo> {
    value.value = await client.call('app.info', {})
    return value.value
  }

  return { value, providerChoices, refresh }
})
