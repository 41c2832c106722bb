/**
 * Where the brush is drawn: under the pointer, at the keyboard's cursor, or, while its size changes with neither, for a
 * moment in the middle of what is seen. A finger on a slider has no other way to see how large the brush is.
 */
import { onScopeDispose } from 'vue'
import type { Point } from '../../canvas/box.ts'
import type { Editor } from '../../canvas/editor.ts'
import type { CanvasView } from '../../canvas/konva-view.ts'

const SHOWN_MS = 1200

export function useBrushCursor(editor: Editor, view: CanvasView, middle: () => Point) {
  let at: Point | null = null
  let { size } = editor.settings.brush
  let timer: ReturnType<typeof setTimeout> | undefined

  /** null: the pointer has left. */
  function move(to: Point | null): void {
    clearTimeout(timer)
    at = to
    view.setCursor(to)
  }
  const stop = editor.onChange(({ kind }) => {
    const now = editor.settings.brush.size
    if (kind !== 'settings' || now === size) return
    size = now
    if (at !== null) return
    clearTimeout(timer)
    view.setCursor(middle())
    timer = setTimeout(() => view.setCursor(null), SHOWN_MS)
  })
  onScopeDispose(() => {
    stop()
    clearTimeout(timer)
  })
  return { move }
}
