/**
 * The keyboard on the canvas: tools by letter, the brush by brackets, undo and redo, and a cursor that masks without a
 * pointer: arrows move it by half a brush (with Shift by one pixel), Enter paints there, Alt+Enter takes away.
 */
import type { Point } from './box.ts'
import { resizeBrush } from './bind-pointer.ts'
import type { Editor } from './editor.ts'
import type { ToolName } from './tools/tool.ts'

export interface KeyOptions {
  element: HTMLElement
  editor: Editor
  onPanning: (isPanning: boolean) => void
  onFit: (scale: 'fit' | 'full') => void
  /** The keyboard's cursor moved, or painted. */
  onCursor: (at: Point, painted: boolean) => void
  /** Arrows mean results while they are shown; true when the key was taken. */
  onArrow: (by: 1 | -1) => boolean
  /** The mask shown in the next way. */
  onMaskLook: () => void
  /** Escape with nothing to take back. */
  onLeave: () => void
}

export const TOOL_KEYS: Readonly<Record<ToolName, string>> = {
  brush: 'b',
  eraser: 'e',
  lasso: 'l',
  polygon: 'p',
  rectangle: 'r',
  ellipse: 'o',
  wand: 'w',
}
const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
}

/** Returns what takes the listeners away. */
export function bindKeys(options: KeyOptions): () => void {
  const { element, editor } = options
  const { width, height } = editor.document.mask
  const cursor: Point = { x: width / 2, y: height / 2 }
  const abort = new AbortController()

  function moveCursor({ x, y }: Point, isFine: boolean): void {
    const step = isFine ? 1 : Math.max(1, Math.round(editor.settings.brush.size / 2))
    cursor.x = Math.min(width, Math.max(0, cursor.x + x * step))
    cursor.y = Math.min(height, Math.max(0, cursor.y + y * step))
    options.onCursor({ ...cursor }, false)
  }

  function paintAtCursor(alt: boolean): void {
    if (editor.outline.length > 0) editor.finish()
    else {
      const input = { ...cursor, pressure: 1, shift: false, alt }
      editor.pointerDown(input)
      editor.pointerUp(input)
      options.onCursor({ ...cursor }, true)
    }
  }

  /** True when the key meant something. */
  function press(event: KeyboardEvent): boolean {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
    if (event.ctrlKey || event.metaKey) {
      if (key === 'z') (event.shiftKey ? editor.redo : editor.undo)()
      else if (key === 'y') editor.redo()
      else return false
      return true
    }
    const arrow = ARROWS[key]
    const tool = Object.entries(TOOL_KEYS).find(([, letter]) => letter === key)?.[0]
    if (arrow !== undefined) {
      if (arrow.x === 0 || !options.onArrow(arrow.x > 0 ? 1 : -1)) moveCursor(arrow, event.shiftKey)
    } else if (tool !== undefined) editor.set({ tool: tool as ToolName })
    else if (key === '[' || key === ']') resizeBrush(editor, key === ']' ? 1 : -1)
    else if (key === 'Enter') paintAtCursor(event.altKey)
    else if (key === ' ') options.onPanning(true)
    else if (key === '0' || key === '1') options.onFit(key === '0' ? 'fit' : 'full')
    else if (key === 'i') editor.invert()
    else if (key === 'm') options.onMaskLook()
    else if (key === 'Escape') {
      if (!editor.cancel()) options.onLeave()
    } else return false
    return true
  }

  element.addEventListener(
    'keydown',
    event => {
      if (!press(event)) return
      event.preventDefault()
      event.stopPropagation() // the page has other meanings for some of these letters
    },
    { signal: abort.signal },
  )
  const letGo = (event: Event): void => {
    if (!(event instanceof KeyboardEvent) || event.key === ' ') options.onPanning(false)
  }
  element.addEventListener('keyup', letGo, { signal: abort.signal })
  element.addEventListener('blur', letGo, { signal: abort.signal })
  return () => abort.abort()
}
