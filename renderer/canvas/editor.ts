/**
 * A canvas that can be driven: pointer in, commands in, changes out. It knows neither Konva nor Vue nor the DOM, so a
 * test paints with it as a hand does. One gesture is one step of the history.
 */
import type { Box, GreyMask } from '#contract/mask/grey-mask'
import { featherMask } from '#contract/mask/feather'
import { growMask, shrinkMask } from '#contract/mask/grow'
import { clipBox, wholeBox, type Point } from './box.ts'
import type { CanvasDocument } from './document.ts'
import { createHistory, type History } from './history.ts'
import { paintPolygon, rectangleCorners, type Brush, type Mode } from './paint.ts'
import { createBrushTool } from './tools/brush-tool.ts'
import { createEllipseTool, createLassoTool, createPolygonTool, createRectangleTool } from './tools/shape-tools.ts'
import type { PointerInput, Tool, ToolContext, ToolName } from './tools/tool.ts'
import { createWandTool } from './tools/wand-tool.ts'
import type { Pixels } from './wand.ts'

export interface EditorSettings {
  tool: ToolName
  brush: Brush
  mode: Mode
  smoothing: number
  /** Of the wand, 0..255. */
  tolerance: number
}

export const DEFAULT_SETTINGS: EditorSettings = {
  tool: 'brush',
  brush: { size: 48, hardness: 0.8, opacity: 1 },
  mode: 'add',
  smoothing: 0.3,
  tolerance: 24,
}

export const BRUSH_SIZE = { min: 1, max: 1024 } as const

export type Change =
  /** The mask changed inside the box. */
  | { kind: 'mask'; box: Box }
  | { kind: 'base' }
  | { kind: 'outline' }
  /** A step was made, undone or redone. */
  | { kind: 'history' }
  | { kind: 'settings' }

export interface Editor {
  readonly document: CanvasDocument
  readonly settings: Readonly<EditorSettings>
  readonly history: Pick<History, 'canUndo' | 'canRedo' | 'bytes'>
  /** Of a lasso or a box that is being drawn; empty when none is. */
  readonly outline: readonly Point[]
  pixels: Pixels | null
  set(settings: Partial<EditorSettings>): void
  pointerDown(at: PointerInput): void
  pointerMove(at: PointerInput): void
  pointerUp(at: PointerInput): void
  finish(): void
  /** Takes the gesture back; true when there was one. */
  cancel(): boolean
  undo(): void
  redo(): void
  fill(): void
  clear(): void
  invert(): void
  grow(radius: number): void
  shrink(radius: number): void
  feather(radius: number): void
  addBox(box: Box, mode: Mode): void
  /** Puts another mask of the same size in its place. */
  replaceMask(mask: GreyMask): void
  /** Puts another picture under the mask; undoing brings the former one back. */
  setBase(base: string, mask?: GreyMask): void
  onChange(listener: (change: Change) => void): () => void
}

export function createEditor(document: CanvasDocument): Editor {
  const { mask } = document
  const history = createHistory(document)
  const listeners = new Set<(change: Change) => void>()
  const tools = createTools()
  let settings = DEFAULT_SETTINGS
  let outline: readonly Point[] = []
  let pixels: Pixels | null = null

  const tell = (change: Change): void => listeners.forEach(listener => listener(change))
  const tellBox = (box: Box | null): void => void (box && tell({ kind: 'mask', box }))

  const context: ToolContext = {
    mask,
    get brush() {
      return settings.brush
    },
    get mode() {
      return settings.mode
    },
    get smoothing() {
      return settings.smoothing
    },
    get tolerance() {
      return settings.tolerance
    },
    get pixels() {
      return pixels
    },
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
      outline = points
      tell({ kind: 'outline' })
    },
  }

  /** One step that changes the mask as a whole. */
  function command(change: (mask: GreyMask) => GreyMask): void {
    cancel()
    context.begin()
    context.change(wholeBox(mask), () => mask.data.set(change(mask).data))
    context.end()
  }

  function cancel(): boolean {
    const wasBusy = history.isInGesture || outline.length > 0
    tools[settings.tool].reset()
    tellBox(history.bail())
    if (outline.length > 0) context.showOutline([])
    return wasBusy
  }

  function travel(step: () => Box | null): void {
    cancel()
    const { base } = document
    tellBox(step())
    if (document.base !== base) tell({ kind: 'base' })
    tell({ kind: 'history' })
  }

  return {
    document,
    history,
    get settings() {
      return settings
    },
    get outline() {
      return outline
    },
    get pixels() {
      return pixels
    },
    set pixels(value) {
      pixels = value
    },
    set(changes) {
      if (changes.tool !== undefined && changes.tool !== settings.tool) cancel()
      settings = { ...settings, ...changes }
      tell({ kind: 'settings' })
    },
    pointerDown: at => tools[settings.tool].down(at, context),
    pointerMove: at => tools[settings.tool].move(at, context),
    pointerUp: at => tools[settings.tool].up(at, context),
    finish: () => tools[settings.tool].finish?.(context),
    cancel,
    undo: () => travel(() => history.undo()),
    redo: () => travel(() => history.redo()),
    fill: () => command(m => ({ ...m, data: m.data.map(() => 255) })),
    clear: () => command(m => ({ ...m, data: m.data.map(() => 0) })),
    invert: () => command(m => ({ ...m, data: m.data.map(value => 255 - value) })),
    grow: radius => command(m => growMask(m, radius)),
    shrink: radius => command(m => shrinkMask(m, radius)),
    feather: radius => command(m => featherMask(m, radius)),
    addBox(box, mode) {
      cancel()
      context.begin()
      context.change(clipBox(box, mask), () =>
        paintPolygon(mask, rectangleCorners({ x: box.left, y: box.top }, { x: box.right, y: box.bottom }), mode),
      )
      context.end()
    },
    replaceMask: other => command(() => other),
    setBase(base, newMask) {
      cancel()
      context.begin()
      history.touchBase()
      document.base = base
      if (newMask !== undefined) context.change(wholeBox(mask), () => mask.data.set(newMask.data))
      tell({ kind: 'base' })
      context.end()
    },
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
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
