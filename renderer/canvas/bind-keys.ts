/**
 * The keyboard on the canvas: tools by letter, the brush by brackets, undo and redo, and a cursor that masks without a
 * pointer. Arrows move it by half a brush (with Shift by one pixel), or by a cell of the grid, or move the frame (with
 * Shift its far edges); Enter paints there, Alt+Enter takes away.
 */
import { resizeBrush } from './bind-pointer.ts'
import { moveBox, type Point } from './box.ts'
import type { Editor } from './editor.ts'
import { boxOfCell, cellAt, gridOf } from './grid.ts'
import type { ToolName } from './tools/tool.ts'

export interface KeyOptions {
  element: HTMLElement
  editor: Editor
  onPanning: (isPanning: boolean) => void
  onFit: (scale: 'fit' | 'full') => void
  /** By this factor, around the middle of what is seen. */
  onZoom: (factor: number) => void
  /** The keyboard's cursor moved, or painted. */
  onCursor: (at: Point, painted: boolean) => void
  /** Arrows mean results while they are shown; true when the key was taken. */
  onArrow: (by: 1 | -1) => boolean
  /** The mask shown in the next way; what will change shown or hidden. */
  onMaskLook: () => void
  onChangeLook: () => void
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
  grid: 'g',
  sketch: 's',
  rub: 'd',
  eyedropper: 'c',
  frame: 'f',
}
const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
}
const ZOOM_STEP = 1.25

/** Returns what takes the listeners away. */
export function bindKeys(options: KeyOptions): () => void {
  const { element, editor } = options
  const abort = new AbortController()
  const { width, height } = editor.document.mask
  const cursor: Point = { x: width / 2, y: height / 2 }

  function paintAtCursor(alt: boolean): void {
    if (editor.outline.length > 0) editor.finish()
    else {
      const input = { ...cursor, pressure: 1, shift: false, alt, reach: 1 }
      editor.pointerDown(input)
      editor.pointerUp(input)
      options.onCursor({ ...cursor }, true)
    }
  }

  function arrow(by: Point, shift: boolean): void {
    if (by.y === 0 && options.onArrow(by.x > 0 ? 1 : -1)) return
    if (editor.settings.tool === 'frame') moveFrame(editor, by, shift)
    else {
      Object.assign(cursor, nextPlace(editor, cursor, by, shift))
      options.onCursor({ ...cursor }, false)
    }
  }

  /** What single keys do; null for one that means nothing here. */
  function actionOf(key: string, event: KeyboardEvent): (() => void) | null {
    const by = ARROWS[key]
    if (by !== undefined) return () => arrow(by, event.shiftKey)
    const tool = Object.entries(TOOL_KEYS).find(([, letter]) => letter === key)?.[0]
    if (tool !== undefined) return () => editor.set({ tool: tool as ToolName })
    const actions: Readonly<Record<string, () => void>> = {
      '[': () => resizeBrush(editor, -1),
      ']': () => resizeBrush(editor, 1),
      Enter: () => paintAtCursor(event.altKey),
      ' ': () => options.onPanning(true),
      '0': () => options.onFit('fit'),
      '1': () => options.onFit('full'),
      '+': () => options.onZoom(ZOOM_STEP),
      '=': () => options.onZoom(ZOOM_STEP),
      '-': () => options.onZoom(1 / ZOOM_STEP),
      i: () => editor.invert(),
      m: options.onMaskLook,
      v: options.onChangeLook,
      Escape: () => {
        if (!editor.cancel()) options.onLeave()
      },
    }
    return actions[key] ?? null
  }

  element.addEventListener(
    'keydown',
    event => {
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
      // Brackets are typed with AltGr on many keyboards, which says Ctrl on Windows.
      const isCommand = (event.ctrlKey || event.metaKey) && !event.getModifierState('AltGraph')
      const action = isCommand ? commandOf(key, event.shiftKey, editor) : actionOf(key, event)
      if (action === null) return
      action()
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

function commandOf(key: string, shift: boolean, editor: Editor): (() => void) | null {
  if (key === 'z') return shift ? editor.redo : editor.undo
  return key === 'y' ? editor.redo : null
}

/** Where an arrow takes the cursor: half a brush on, one pixel, or to the middle of the next cell. */
function nextPlace(editor: Editor, at: Point, by: Point, isFine: boolean): Point {
  const { mask } = editor.document
  const { tool, brush, cells } = editor.settings
  const within = (value: number, max: number): number => Math.min(max, Math.max(0, value))
  if (tool === 'grid') {
    const grid = gridOf(mask, cells)
    const { column, row } = cellAt(at, mask, grid)
    const next = { column: within(column + by.x, grid.columns - 1), row: within(row + by.y, grid.rows - 1) }
    const { left, top, right, bottom } = boxOfCell(next, mask, grid)
    return { x: (left + right) / 2, y: (top + bottom) / 2 }
  }
  const step = isFine ? 1 : Math.max(1, Math.round(brush.size / 2))
  return { x: within(at.x + by.x * step, mask.width), y: within(at.y + by.y * step, mask.height) }
}

function moveFrame(editor: Editor, by: Point, isResized: boolean): void {
  const { frame } = editor.document
  const { multiple } = editor.settings.snap
  const [dx, dy] = [by.x * multiple, by.y * multiple]
  editor.setFrame(isResized ? { ...frame, right: frame.right + dx, bottom: frame.bottom + dy } : moveBox(frame, dx, dy))
}
