/**
 * What tools and commands work on: the document, its history and the settings, and a word to the listeners about every
 * change. It knows no pointer; `editor.ts` joins it with the tools.
 */
import type { Box } from '#contract/mask/grey-mask'
import type { Point } from './box.ts'
import type { CanvasDocument } from './document.ts'
import { limitFrame } from './frame.ts'
import { createHistory, type History, type Past } from './history.ts'
import { colourUnderStrokes, type Colour } from './paint-strokes.ts'
import type { ToolContext, ToolName, ToolSettings } from './tools/tool.ts'
import type { Pixels } from './wand.ts'

export interface EditorSettings extends ToolSettings {
  tool: ToolName
}

export const DEFAULT_SETTINGS: EditorSettings = {
  tool: 'brush',
  brush: { size: 48, hardness: 0.8, opacity: 1 },
  mode: 'add',
  smoothing: 0.3,
  tolerance: 24,
  colour: [220, 60, 50],
  cells: 8,
  snap: { multiple: 8, width: 512, height: 512 },
}

export type Change =
  /** The mask, or the strokes, changed inside the box. */
  | { kind: 'mask' | 'strokes'; box: Box }
  | { kind: 'frame' }
  /** Another picture, perhaps of another size, with all that lies on it. */
  | { kind: 'surface' }
  | { kind: 'outline' }
  /** A step was made, undone or redone. */
  | { kind: 'history' }
  | { kind: 'settings' }

export interface Gestures {
  readonly document: CanvasDocument
  readonly history: History
  readonly context: ToolContext
  settings: EditorSettings
  outline: readonly Point[]
  pixels: Pixels | null
  /** The picture's colour at a pixel; null outside of it or before it is there. */
  colourOf: (x: number, y: number) => Colour | null
  tell(change: Change): void
  onChange(listener: (change: Change) => void): () => void
}

export function createGestures(document: CanvasDocument, past?: Past): Gestures {
  const history = createHistory(document, { past })
  const listeners = new Set<(change: Change) => void>()
  const tell = (change: Change): void => {
    for (const listener of listeners) listener(change)
  }
  const gestures: Gestures = {
    document,
    history,
    settings: DEFAULT_SETTINGS,
    outline: [],
    pixels: null,
    colourOf: () => null,
    tell,
    onChange(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    context: createContext(),
  }

  function createContext(): ToolContext {
    return {
      document,
      settings: () => gestures.settings,
      set(changes) {
        gestures.settings = { ...gestures.settings, ...changes }
        tell({ kind: 'settings' })
      },
      pixels: () => gestures.pixels,
      colourAt({ x, y }) {
        const [column, row] = [Math.floor(x), Math.floor(y)]
        const under = gestures.colourOf(column, row)
        return under === null ? null : colourUnderStrokes(under, document.strokes, column, row)
      },
      begin: () => history.mark(),
      change(plane, box, work) {
        if (box === null) return
        history.touch(plane, box)
        work()
        tell({ kind: plane, box })
      },
      setFrame(frame) {
        history.touchFrame()
        document.frame = limitFrame(frame, document.mask)
        tell({ kind: 'frame' })
      },
      end() {
        history.commit()
        tell({ kind: 'history' })
      },
      showOutline(points) {
        gestures.outline = points
        tell({ kind: 'outline' })
      },
    }
  }
  return gestures
}
