/** The user's styles, as the host keeps them. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { ImportedStyles, Style } from '#contract/styles'
import { useClient } from './client.ts'

export const useStyles = defineStore('styles', () => {
  const client = useClient()
  const all = ref<Style[]>([])

  function apply(styles: Style[]): void {
    all.value = styles
  }
  async function refresh(): Promise<void> {
    apply(await client.call('styles.list', {}))
  }
  async function save(style: Style, replaces?: string): Promise<void> {
    apply(await client.call('styles.save', { ...style, replaces }))
  }
  async function remove(name: string): Promise<void> {
    apply(await client.call('styles.delete', { name }))
  }
  async function importCsv(csv: string): Promise<ImportedStyles> {
    const imported = await client.call('styles.import', { csv })
    apply(imported.styles)
    return imported
  }
  async function exportCsv(): Promise<string> {
    return (await client.call('styles.export', {})).csv
  }
  /** In the order of the names; those that are gone are left out. */
  function named(names: readonly string[]): Style[] {
    return names.flatMap(name => all.value.filter(style => style.name === name))
  }

  return { all, apply, refresh, save, remove, importCsv, exportCsv, named }
})
