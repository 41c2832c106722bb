/** Which pictures of the gallery are chosen: one by one, from one to another, or all. */
import { computed, ref } from 'vue'
import type { ImageRecord } from '#contract/gallery'
import { useGalleryList } from '../../stores/gallery-list.ts'

export function useSelection() {
  const list = useGalleryList()
  const chosenById = ref(new Map<string, ImageRecord>())
  /** Where a range begins. */
  let anchor = 0

  async function select(at: number, isRange: boolean): Promise<void> {
    if (isRange) {
      const [first, last] = [Math.min(anchor, at), Math.max(anchor, at)]
      await list.ensure(first, last)
      for (const image of list.between(first, last)) chosenById.value.set(image.id, image)
      return
    }
    anchor = at
    const image = list.records[at]
    if (image !== undefined && !chosenById.value.delete(image.id)) chosenById.value.set(image.id, image)
  }

  async function selectAll(): Promise<void> {
    for (const image of await list.all()) chosenById.value.set(image.id, image)
  }

  return {
    /** In the order of the list: newest first. */
    chosen: computed(() => [...chosenById.value.values()].toSorted((a, b) => b.createdAt - a.createdAt)),
    selected: computed<ReadonlySet<string>>(() => new Set(chosenById.value.keys())),
    select,
    selectAll,
    clear: () => chosenById.value.clear(),
  }
}
