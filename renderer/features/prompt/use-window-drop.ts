/** A file that is dropped where nothing takes it: it goes to the prompt, and never in the place of the page, as a browser would have it. */
import { useEventListener } from '@vueuse/core'
import { useLayout } from '../../stores/layout.ts'
import { useDropped } from './use-dropped.ts'

export function useWindowDrop(): void {
  const layout = useLayout()
  const { take } = useDropped()

  useEventListener(globalThis.window, 'dragover', event => {
    if (bringsFiles(event)) event.preventDefault()
  })
  useEventListener(globalThis.window, 'drop', event => {
    if (!bringsFiles(event) || event.defaultPrevented) return
    event.preventDefault()
    const file = event.dataTransfer?.files[0]
    if (file === undefined) return
    layout.view = 'studio'
    void take(file)
  })
}

/** Words that are dragged about are the browser's business. */
function bringsFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes('Files') === true
}
