/**
 * Parts of the page that are not in its first file. Their files are fetched one after the other once there is nothing else to
 * do: what is typed right after Ctrl+K belongs to the palette, and a program that has stopped answering sends no files.
 */
import { useTimeoutFn } from '@vueuse/core'
import { defineAsyncComponent, type Component } from 'vue'

const SETTLED_MS = 1500

type Load = () => Promise<{ default: Component }>

/** `missing` stands in the place of a part whose files did not come. */
export function createLater(missing: Component) {
  const loads: Load[] = []
  const whenOpened = (loader: Load) => defineAsyncComponent({ loader, errorComponent: missing })

  async function fetchNext(): Promise<void> {
    const load = loads.shift()
    if (load === undefined) return
    await load().catch(() => undefined) // whoever opens it is told
    whenIdle(() => void fetchNext())
  }
  useTimeoutFn(() => whenIdle(() => void fetchNext()), SETTLED_MS)

  return {
    part(load: Load): Component {
      loads.push(load)
      return whenOpened(load)
    },
    whenOpened,
  }
}

/** Safari has no idle callbacks. */
function whenIdle(work: () => void): void {
  ;(globalThis.requestIdleCallback ?? setTimeout)(work)
}
