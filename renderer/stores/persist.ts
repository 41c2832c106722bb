/** Writes a part of the window's memory soon after it changed, and at the latest when the page is left. */
import { useEventListener, watchDebounced } from '@vueuse/core'
import type { WindowMemory } from './window-memory.ts'

const SETTLE_MS = 200

export function persist(memory: WindowMemory, part: string, read: () => unknown): void {
  const save = () => memory.write(part, read())
  watchDebounced(read, save, { deep: true, debounce: SETTLE_MS, maxWait: SETTLE_MS * 5 })
  useEventListener(globalThis.window, 'pagehide', save)
  useEventListener(globalThis.document, 'visibilitychange', save)
}
