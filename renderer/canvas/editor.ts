/**
 * A canvas that can be driven: pointer in, commands in, changes out. It knows neither Konva nor Vue nor the DOM, so a
 * test paints with it as a hand does. One gesture is one step of the history.
 */
import type { Point } from './box.ts'
import { createCommands, type Commands } from './commands.ts'
import type { CanvasDocument } from './document.ts'
import { createGestures, type EditorSettings, type Gestures } from './gestures.ts'
import type { History, Past, Restored } from './history.ts'
import { createBrushTool } from './tools/brush-tool.ts'
import { createFrameTool } from './tools/frame-tool.ts'
import { createGridTool } from './tools/grid-tool.ts'
import { createEllipseTool, createLassoTool, createPolygonTool, createRectangleTool } from './tools/shape-tools.ts'
import { createEyedropperTool, createSketchTool } from './tools/sketch-tool.ts'
import type { PointerInput, Tool, ToolName } from './tools/tool.ts'
import { createWandTool } from './tools/wand-tool.ts'

export const BRUSH_SIZE = { min: 1, max: 1024 } as const
/** Of the magic wand: the largest difference of a channel. */
export const TOLERANCE = { min: 0, max: 255 } as const

export interface Editor extends Commands, Pick<Gestures, 'onChange'> {
  readonly document: Readonly<CanvasDocument>
  readonly settings: Readonly<EditorSettings>
  readonly history: Pick<History, 'canUndo' | 'canRedo' | 'bytes' | 'past'>
  /** Of a lasso or a box that is being drawn; empty when none is. */
  readonly outline: readonly Point[]
  set(settings: Partial<EditorSettings>): void
  /** What the picture is, as far as the wand and the eyedropper want to know it. */
  setPicture(picture: Partial<Pick<Gestures, 'pixels' | 'colourOf'>>): void
  pointerDown(at: PointerInput): void
  pointerMove(at: PointerInput): void
  pointerUp(at: PointerInput): void
  finish(): void
  /** Takes the gesture back; true when there was one. */
  cancel(): boolean
  undo(): void
  redo(): void
}

/** `past`: what can be undone already. */
export function createEditor(document: CanvasDocument, past?: Past): Editor {
  const gestures = createGestures(document, past)
  const { history, context, tell } = gestures
  const tools = createTools()
  const tool = (): Tool => tools[gestures.settings.tool]

  function tellRestored({ boxes, isFrame, isSurface }: Restored): void {
    if (isSurface) tell({ kind: 'surface' })
    for (const box of boxes.mask) tell({ kind: 'mask', box })
    for (const box of boxes.strokes) tell({ kind: 'strokes', box })
    if (isFrame) tell({ kind: 'frame' })
  }

  function cancel(): boolean {
    const wasBusy = history.isInGesture || gestures.outline.length > 0
    tool().reset()
    tellRestored(history.bail())
    if (gestures.outline.length > 0) context.showOutline([])
    return wasBusy
  }

  function travel(step: () => Restored): void {
    cancel()
    tellRestored(step())
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
    setPicture(picture) {
      Object.assign(gestures, picture)
    },
    pointerDown: at => tool().down(at, context),
    pointerMove: at => tool().move(at, context),
    pointerUp: at => tool().up(at, context),
    finish: () => tool().finish?.(context),
    cancel,
    undo: () => travel(() => history.undo()),
    redo: () => travel(() => history.redo()),
    onChange: gestures.onChange,
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
    grid: createGridTool(),
    sketch: createSketchTool('sketch'),
    rub: createSketchTool('rub'),
    eyedropper: createEyedropperTool(),
    frame: createFrameTool(),
  }
}
