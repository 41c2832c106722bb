/** What a tool is: a small state machine between pointer and document, which it changes only through its context. */
import type { Box } from '#contract/mask/grey-mask'
import type { Point, Size } from '../box.ts'
import type { CanvasDocument } from '../document.ts'
import type { PlaneName } from '../history.ts'
import type { Colour } from '../paint-strokes.ts'
import type { Brush, Mode } from '../paint.ts'
import type { Pixels } from '../wand.ts'

/** By what they work on, in the order of the tool bar. */
export const TOOLS_OF = {
  mask: ['brush', 'eraser', 'lasso', 'polygon', 'rectangle', 'ellipse', 'wand', 'grid'],
  sketch: ['sketch', 'rub', 'eyedropper'],
  frame: ['frame'],
} as const
export type LayerName = keyof typeof TOOLS_OF
export type ToolName = (typeof TOOLS_OF)[LayerName][number]

/** A pointer in picture pixels. */
export interface PointerInput extends Point {
  /** 0..1; 1 for a mouse. */
  pressure: number
  shift: boolean
  /** The other of adding and taking away; with a colour: takes the one under the pointer. */
  alt: boolean
  /** How many picture pixels are as wide as one of the screen. */
  reach: number
}

export interface ToolSettings {
  brush: Brush
  mode: Mode
  /** 0..1: how far the stroke lags behind to become smooth. */
  smoothing: number
  /** Of the wand, 0..255. */
  tolerance: number
  colour: Colour
  /** Of the grid, along the longer side. */
  cells: number
  /** What the frame snaps to: multiples that the model can render, and the size that was asked for. */
  snap: Size & { multiple: number }
}

export interface ToolContext {
  readonly document: Readonly<CanvasDocument>
  settings(): ToolSettings
  set(settings: Partial<ToolSettings>): void
  /** The base picture's pixels, once they are there. */
  pixels(): Pixels | null
  /** What is seen there: the picture under its strokes. */
  colourAt(at: Point): Colour | null
  begin(): void
  /** Changes the bytes of a box, inside a gesture. */
  change(plane: PlaneName, box: Box | null, work: () => void): void
  /** Inside a gesture too. */
  setFrame(frame: Box): void
  end(): void
  /** What is drawn but not yet part of the mask: a lasso, a box. */
  showOutline(points: readonly Point[]): void
}

export interface Tool {
  down(at: PointerInput, context: ToolContext): void
  move(at: PointerInput, context: ToolContext): void
  up(at: PointerInput, context: ToolContext): void
  /** Enter or a double click: a tool that waits for more ends here. */
  finish?(context: ToolContext): void
  /** Forgets what it was doing; the gesture has been taken back already. */
  reset(): void
}

export function modeFor(context: ToolContext, { alt }: PointerInput): Mode {
  const { mode } = context.settings()
  if (!alt) return mode
  return mode === 'add' ? 'subtract' : 'add'
}

export function layerOf(tool: ToolName): LayerName {
  const isOf = (layer: LayerName): boolean => (TOOLS_OF[layer] as readonly ToolName[]).includes(tool)
  return isOf('sketch') ? 'sketch' : isOf('frame') ? 'frame' : 'mask'
}
