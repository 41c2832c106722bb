/**
 * What the gallery shows: the pictures that fit its filter. The host is asked for what comes into sight; events keep what
 * is there true.
 */
import { watchDebounced } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { GalleryFilter, ImageRecord } from '#contract/gallery'
import { useClient } from './client.ts'
import { usePagedRecords } from './paged-records.ts'
import { usePictures } from './pictures.ts'

/** While somebody types a search. */
const TYPING_MS = 150
/** So many can be chosen at once; `gallery.delete` takes no more. */
const MOST_CHOSEN = 10_000

export const useGalleryList = defineStore('gallery-list', () => {
  const client = useClient()
  const pictures = usePictures()
  const filter = ref<GalleryFilter>({})
  const list = usePagedRecords<ImageRecord>(async range => {
    const { images, total } = await client.call('gallery.list', { ...filter.value, ...range })
    if (filter.value.bin !== true) pictures.know(images)
    return { items: images, total }
  })
  const { records, total, isLoaded, ensure, indexOf, between } = list

  /** The picture that is looked at large. */
  const openId = ref<string | null>(null)
  /** The one that has the focus, or had it last. */
  const focusedId = ref<string | null>(null)
  const known = (id: string | null) => (id === null ? null : (pictures.byId.get(id) ?? null))
  const open = computed(() => known(openId.value))
  /** What is done to "the picture" is done to this one; nothing in the bin. */
  const current = computed(() => (filter.value.bin === true ? null : (open.value ?? known(focusedId.value))))

  let isWanted = false
  async function reload(): Promise<void> {
    isWanted = true
    await list.reload()
  }
  /** Only where somebody has looked. */
  async function refresh(): Promise<void> {
    if (isWanted) await list.reload()
  }

  const changes = ref(0)
  watchDebounced(changes, reload, { debounce: TYPING_MS, maxWait: TYPING_MS * 6 })
  function setFilter(next: GalleryFilter): void {
    filter.value = Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined && value !== ''))
    changes.value += 1
  }

  /** A new or changed picture; whether one fits a filter, and where an old one belongs, is for the host to say. */
  function apply(image: ImageRecord): void {
    if (!isLoaded.value) return
    if (filter.value.bin === true) return forget([image.id]) // it came back from there
    const at = indexOf(image.id)
    const newest = records.value[0]
    const isPlain = Object.keys(filter.value).length === 0
    if (at >= 0) list.replace(at, image)
    else if (isPlain && (newest === undefined || newest.createdAt <= image.createdAt)) list.addFirst(image)
    else changes.value += 1
  }

  /** Out of this list; the picture that is looked at gives way to its neighbour. */
  function forget(ids: readonly string[]): void {
    if (!isLoaded.value) return
    const gone = new Set(ids)
    const openAt = openId.value !== null && gone.has(openId.value) ? indexOf(openId.value) : -1
    const seen = list.remove(gone)
    if (openAt >= 0) openId.value = records.value[Math.min(openAt, total.value - 1)]?.id ?? null
    // Pictures went that this list had not seen, or into the bin that it shows.
    if (seen < gone.size) changes.value += 1
  }

  /** Every picture of the list, as many as can be chosen at once. */
  async function all(): Promise<ImageRecord[]> {
    await ensure(0, MOST_CHOSEN - 1)
    return between(0, MOST_CHOSEN - 1)
  }

  const looking = { openId, open, focusedId, current }
  const content = { records, total, isLoaded, ensure, indexOf, between, all }
  return { filter, setFilter, ...content, ...looking, reload, refresh, apply, forget }
})
