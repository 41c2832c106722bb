/** The lists of words that prompts draw from: their names are known, a text is fetched when it is edited. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { WildcardFile, WildcardFolder } from '#contract/wildcards'
import { useClient } from './client.ts'

export const useWildcards = defineStore('wildcards', () => {
  const client = useClient()
  const folder = ref<WildcardFolder>({ lists: [], unusable: [] })

  function apply(found: WildcardFolder): void {
    folder.value = found
  }
  async function refresh(): Promise<void> {
    apply(await client.call('wildcards.list', {}))
  }
  async function read(name: string): Promise<WildcardFile> {
    return client.call('wildcards.get', { name })
  }
  async function save(file: WildcardFile, replaces?: string): Promise<void> {
    apply(await client.call('wildcards.save', { ...file, replaces }))
  }
  async function remove(name: string): Promise<void> {
    apply(await client.call('wildcards.delete', { name }))
  }

  return { folder, apply, refresh, read, save, remove }
})
