/**
 * A list of its full length of which only the parts that were asked for are there. A newer question makes the answers to
 * older ones void.
 */
import { computed, ref, shallowRef, triggerRef } from 'vue'
import { ConnectionError } from '../api.ts'

export interface Page<T> {
  items: T[]
  /** Of the whole list. */
  total: number
}

const PAGE = 100

export function usePagedRecords<T extends { id: string }>(
  fetchPage: (range: { offset: number; limit: number }) => Promise<Page<T>>,
) {
  /** A place that was never looked at is empty. */
  const records = shallowRef<(T | undefined)[]>([])
  const total = computed(() => records.value.length)
  const isLoaded = ref(false)
  let question = 0
  const underWay = new Set<number>()

  async function load(offset: number, isFresh: boolean): Promise<void> {
    const asked = question
    underWay.add(offset)
    try {
      const page = await fetchPage({ offset, limit: PAGE })
      if (asked !== question) return
      const next = isFresh ? [] : records.value
      next.length = page.total
      page.items.forEach((item, i) => (next[offset + i] = item))
      records.value = next
      triggerRef(records)
      isLoaded.value = true
    } catch (thrown) {
      if (!(thrown instanceof ConnectionError)) throw thrown // it is asked again when the connection is back
    } finally {
      if (asked === question) underWay.delete(offset)
    }
  }

  /** Anew from its beginning; what is shown stays until the answer is there. */
  async function reload(): Promise<void> {
    question += 1
    underWay.clear()
    await load(0, true)
  }

  /** Asks for what is missing from `first` up to and with `last`. */
  async function ensure(first: number, last: number): Promise<void> {
    const wanted = new Set<number>()
    for (let i = Math.max(0, first); i <= Math.min(last, total.value - 1); i += 1) {
      if (records.value[i] === undefined) wanted.add(Math.floor(i / PAGE) * PAGE)
    }
    await Promise.all([...wanted].filter(offset => !underWay.has(offset)).map(offset => load(offset, false)))
  }

  function indexOf(id: string): number {
    return records.value.findIndex(item => item?.id === id)
  }

  return {
    records,
    total,
    isLoaded,
    reload,
    ensure,
    indexOf,
    between: (first: number, last: number): T[] =>
      records.value.slice(first, last + 1).filter(item => item !== undefined),
    replace(at: number, item: T): void {
      records.value[at] = item
      triggerRef(records)
    },
    addFirst(item: T): void {
      records.value.unshift(item)
      triggerRef(records)
    },
    /** Returns how many of them the list had seen. */
    remove(ids: ReadonlySet<string>): number {
      const before = Array.from(records.value) // `filter` would pass over the places that are empty, and drop them
      records.value = before.filter(item => item === undefined || !ids.has(item.id))
      return before.length - records.value.length
    },
  }
}
