/**
 * What tools and commands work on: the document, its history and the settings, and a word to the listeners about every
 * change. It knows no pointer; `editor.ts` joins it with the tools.
 */
import type { Box } from '#contract/mask/grey-mask'
import type { Point } from './box.ts'
import type { CanvasDocument } from './document.ts'
import { createHistory, type History } from './history.ts'
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
}

export type Change =
  /** The mask changed inside the box. */
  | { kind: 'mask'; box: Box }
  | { kind: 'base' }
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
  tell(change: Change): void
  onChange(listener: (change: Change) => void): () => void
}

export function createGestures(document: CanvasDocument): Gestures {
  const history = createHistory(document)
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
    tell,
    onChange(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    context: {
      mask: document.mask,
      settings: () => gestures.settings,
      pixels: () => gestures.pixels,
      begin: () => history.mark(),
      change(box, work) {
        if (box === null) return
        history.touch(box)
        work()
        tell({ kind: 'mask', box })
      },
      end() {
        history.commit()
        tell({ kind: 'history' })
      },
      showOutline(points) {
        gestures.outline = points
        tell({ kind: 'outline' })
      },
    },
  }
  return gestures
}
