/** What lies on the canvas: one editor at a time, saved as it is worked on and given back when the page is opened again. */
import { useEventListener } from '@vueuse/core'
import { ref, shallowRef, watch } from 'vue'
import { boundsOf } from '#contract/mask/grey-mask'
import { createEditor, type Editor } from '../canvas/editor.ts'
import { hasStrokes } from '../canvas/document.ts'
import type { Viewport } from '../canvas/viewport.ts'
import type { BasePictures } from './base-pictures.ts'
import { recoverCanvas, startAutosave, type Autosave } from './canvas-autosave.ts'
import type { createCandidates } from './canvas-candidates.ts'
import type { CanvasStorage } from './canvas-storage.ts'

export function createDesk(
  storage: CanvasStorage,
  bases: BasePictures,
  candidates: ReturnType<typeof createCandidates>,
) {
  /** Counts the pictures that were put on it: a view of one is not a view of the next. */
  const opened = ref(0)
  const editor = shallowRef<Editor | null>(null)
  /** Where the picture lies on the screen; null: wherever it fits. */
  const viewport = shallowRef<Viewport | null>(null)
  /** What is on the canvas cannot be saved. */
  const isUnsaved = ref(false)
  let autosave: Autosave | null = null
  const fail = (): void => void (isUnsaved.value = true)

  watch([viewport, candidates.jobIds, candidates.restored], () => autosave?.touch())
  useEventListener(globalThis.window, 'pagehide', () => autosave?.flush())
  useEventListener(globalThis.document, 'visibilitychange', () => autosave?.flush())

  /** `isStored`: it came from the storage. */
  function adopt(next: Editor, view: Viewport | null, isStored = false): void {
    candidates.forgetCandidates()
    void autosave?.stop()
    opened.value += 1
    viewport.value = view
    editor.value = next
    next.onChange(({ kind }) => {
      if (editor.value !== next) return
      if (kind === 'surface') candidates.forgetCandidates() // they lie on another picture
      if (kind === 'history') candidates.show(null) // what was undone is looked at
    })
    const around = () => ({ view: viewport.value, jobIds: [...candidates.jobIds.value] })
    const results = () => candidates.restored.value
    autosave = startAutosave(
      { storage, editor: next, baseOf: bases.baseOf, around, results, onFailure: fail },
      isStored,
    )
  }

  function close(): void {
    const stopped = autosave?.stop() ?? Promise.resolve()
    autosave = null
    candidates.forgetCandidates()
    editor.value = null
    stopped.then(() => storage.clear()).catch(fail)
  }

  /** To be asked before another picture is opened, or none: what brings this one back; null when nothing would be lost. */
  function putAway(): (() => Promise<void>) | null {
    const [was, view] = [editor.value, viewport.value]
    const [jobIds, restored] = [[...candidates.jobIds.value], candidates.restored.value]
    if (was === null) return null
    const { document, history } = was
    if (!history.canUndo && boundsOf(document.mask) === null && !hasStrokes(document)) return null
    return () => {
      adopt(was, view)
      candidates.recall(jobIds, restored)
      return Promise.resolve()
    }
  }

  /** What this window had on its canvas when it was left; a picture that was opened meanwhile stays. */
  async function recover(): Promise<void> {
    const found = recoverCanvas(await storage.read(), bases.nameOf)
    if (found === null || editor.value !== null) return
    adopt(createEditor(found.document, found.past), found.view, true)
    candidates.recall(found.jobIds, found.results)
  }
  const recovered = recover().catch(fail)

  return { opened, editor, viewport, isUnsaved, recovered, adopt, close, putAway }
}
