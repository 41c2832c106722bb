/** The gallery as far as it was looked at: records by id, newest first, further pages on demand. */
import { defineStore } from 'pinia'
import { computed, reactive, ref } from 'vue'
import type { ImageRecord } from '#contract/gallery'
import { useClient } from './client.ts'

export const usePictures = defineStore('pictures', () => {
  const client = useClient()
  const byId = reactive(new Map<string, ImageRecord>())
  /** Gone since the page was opened: a job's list of results may still name them. */
  const gone = reactive(new Set<string>())
  const total = ref(0)
  const nextCursor = ref<string | null>(null)
  const isLoaded = ref(false)
  let loading: Promise<void> | undefined

  const newestFirst = computed(() =>
    [...byId.values()].toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1)),
  )

  function apply(image: ImageRecord): void {
    if (!byId.has(image.id)) total.value += 1
    gone.delete(image.id)
    byId.set(image.id, image)
  }

  function forget(ids: string[]): void {
    for (const id of ids) {
      gone.add(id)
      if (byId.delete(id)) total.value -= 1
    }
  }

  /** The newest page again; whatever was loaded further back is dropped, because the cursor starts anew. */
  async function refresh(): Promise<void> {
    const page = await client.call('gallery.list', {})
    byId.clear()
    for (const image of page.images) byId.set(image.id, image)
    total.value = page.total
    nextCursor.value = page.nextCursor
    isLoaded.value = true
  }

  function loadMore(): Promise<void> {
    loading ??= loadNextPage().finally(() => (loading = undefined))
    return loading
  }

  async function loadNextPage(): Promise<void> {
    if (nextCursor.value === null) return
    const page = await client.call('gallery.list', { cursor: nextCursor.value })
    for (const image of page.images) byId.set(image.id, image)
    total.value = page.total
    nextCursor.value = page.nextCursor
  }

  async function setFavourite(id: string, favourite: boolean): Promise<void> {
    byId.set(id, await client.call('gallery.setFavourite', { id, favourite }))
  }

  async function remove(ids: string[]): Promise<string[]> {
    const { deleted } = await client.call('gallery.delete', { ids })
    forget(deleted)
    return deleted
  }

  async function restore(ids: string[]): Promise<void> {
    const { restored } = await client.call('gallery.restore', { ids })
    restored.forEach(apply)
  }

  return {
    byId,
    gone,
    total,
    nextCursor,
    isLoaded,
    newestFirst,
    apply,
    forget,
    refresh,
    loadMore,
    setFavourite,
    remove,
    restore,
  }
})

export function imageUrl(id: string): string {
  return `/image/${encodeURIComponent(id)}`
}
