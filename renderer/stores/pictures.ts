/** The pictures that this page knows: the newest ones in their order, and by their id whatever else was looked at. */
import { defineStore } from 'pinia'
import { computed, ref, shallowReactive } from 'vue'
import type { ImageRecord } from '#contract/gallery'
import { useClient } from './client.ts'

export const usePictures = defineStore('pictures', () => {
  const client = useClient()
  const byId = shallowReactive(new Map<string, ImageRecord>())
  /** Those of the newest page and those that came since; the gallery's other pages are not in it. */
  const newestIds = shallowReactive(new Set<string>())
  /** Gone since the page was opened: a job's list of results may still name them. */
  const gone = shallowReactive(new Set<string>())
  const isLoaded = ref(false)

  const newestFirst = computed(() =>
    [...newestIds]
      .flatMap(id => byId.get(id) ?? [])
      .toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1)),
  )

  function apply(image: ImageRecord): void {
    gone.delete(image.id)
    byId.set(image.id, image)
    newestIds.add(image.id)
  }

  /** Pictures that were looked at, of whatever age. */
  function know(images: readonly ImageRecord[]): void {
    for (const image of images) byId.set(image.id, image)
  }

  function forget(ids: readonly string[]): void {
    for (const id of ids) {
      gone.add(id)
      byId.delete(id)
      newestIds.delete(id)
    }
  }

  /** The newest page again. */
  async function refresh(): Promise<void> {
    const page = await client.call('gallery.list', {})
    byId.clear()
    newestIds.clear()
    page.images.forEach(apply)
    isLoaded.value = true
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

  return { byId, gone, isLoaded, newestFirst, apply, know, forget, refresh, setFavourite, remove, restore }
})

/** Small, for lists and grids; also of a picture in the bin. */
export function thumbnailUrl(id: string): string {
  return `/thumbnail/${encodeURIComponent(id)}`
}

export function imageUrl(id: string): string {
  return `/image/${encodeURIComponent(id)}`
}
