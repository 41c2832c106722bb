/**
 * A canvas that can be driven: pointer in, commands in, changes out. It knows neither Konva nor Vue nor the DOM, so a
 * test paints with it as a hand does. One gesture is one step of the history.
 */
import type { Box } from '#contract/mask/grey-mask'
import type { Point } from './box.ts'
import { createCommands, type Commands } from './commands.ts'
import type { CanvasDocument } from './document.ts'
import { createGestures, type Change, type EditorSettings } from './gestures.ts'
import type { History } from './history.ts'
import { createBrushTool } from './tools/brush-tool.ts'
import { createEllipseTool, createLassoTool, createPolygonTool, createRectangleTool } from './tools/shape-tools.ts'
import type { PointerInput, Tool, ToolName } from './tools/tool.ts'
import { createWandTool } from './tools/wand-tool.ts'
import type { Pixels } from './wand.ts'

export const BRUSH_SIZE = { min: 1, max: 1024 } as const
/** Of the magic wand: the largest difference of a channel. */
export const TOLERANCE = { min: 0, max: 255 } as const

export interface Editor extends Commands {
  readonly document: CanvasDocument
  readonly settings: Readonly<EditorSettings>
  readonly history: Pick<History, 'canUndo' | 'canRedo' | 'bytes'>
  /** Of a lasso or a box that is being drawn; empty when none is. */
  readonly outline: readonly Point[]
  set(settings: Partial<EditorSettings>): void
  /** For the wand. */
  setPixels(pixels: Pixels | null): void
  pointerDown(at: PointerInput): void
  pointerMove(at: PointerInput): void
  pointerUp(at: PointerInput): void
  finish(): void
  /** Takes the gesture back; true when there was one. */
  cancel(): boolean
  undo(): void
  redo(): void
  onChange(listener: (change: Change) => void): () => void
}

export function createEditor(document: CanvasDocument): Editor {
  const gestures = createGestures(document)
  const { history, context, tell } = gestures
  const tools = createTools()
  const tool = (): Tool => tools[gestures.settings.tool]
  const tellBoxes = (boxes: readonly Box[]): void => {
    for (const box of boxes) tell({ kind: 'mask', box })
  }

  function cancel(): boolean {
    const wasBusy = history.isInGesture || gestures.outline.length > 0
    tool().reset()
    tellBoxes(history.bail())
    if (gestures.outline.length > 0) context.showOutline([])
    return wasBusy
  }

  function travel(step: () => Box[]): void {
    cancel()
    const { base } = document
    tellBoxes(step())
    if (document.base !== base) tell({ kind: 'base' })
    tell({ kind: 'history' })
  }

  return {
    ...createCommands(gestures, cancel),
    document,
    history,
    get settings() {
      return gestures.settings
    },
    get outline() {
      return gestures.outline
    },
    set(changes) {
      if (changes.tool !== undefined && changes.tool !== gestures.settings.tool) cancel()
      gestures.settings = { ...gestures.settings, ...changes }
      tell({ kind: 'settings' })
    },
    setPixels(pixels) {
      gestures.pixels = pixels
    },
    pointerDown: at => tool().down(at, context),
    pointerMove: at => tool().move(at, context),
    pointerUp: at => tool().up(at, context),
    finish: () => tool().finish?.(context),
    cancel,
    undo: () => travel(() => history.undo()),
    redo: () => travel(() => history.redo()),
    onChange: listener => gestures.onChange(listener),
  }
}

function createTools(): Readonly<Record<ToolName, Tool>> {
  return {
    brush: createBrushTool('brush'),
    eraser: createBrushTool('eraser'),
    lasso: createLassoTool(),
    polygon: createPolygonTool(),
    rectangle: createRectangleTool(),
    ellipse: createEllipseTool(),
    wand: createWandTool(),
  }
}
