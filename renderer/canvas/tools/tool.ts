/** What a tool is: a small state machine between pointer and mask. It changes the mask only through the context it is given. */
import type { Box, GreyMask } from '#contract/mask/grey-mask'
import type { Point } from '../box.ts'
import type { Brush, Mode } from '../paint.ts'
import type { Pixels } from '../wand.ts'

export const TOOLS = ['brush', 'eraser', 'lasso', 'polygon', 'rectangle', 'ellipse', 'wand'] as const
export type ToolName = (typeof TOOLS)[number]

/** A pointer in picture pixels. */
export interface PointerInput extends Point {
  /** 0..1; 1 for a mouse. */
  pressure: number
  shift: boolean
  /** The other of adding and taking away. */
  alt: boolean
}

export interface ToolSettings {
  brush: Brush
  mode: Mode
  /** 0..1: how far the stroke lags behind to become smooth. */
  smoothing: number
  /** Of the wand, 0..255. */
  tolerance: number
}

export interface ToolContext {
  readonly mask: GreyMask
  settings(): ToolSettings
  /** The base picture's pixels, once they are there. */
  pixels(): Pixels | null
  begin(): void
  /** Changes the pixels of a box, inside a gesture. */
  change(box: Box | null, work: () => void): void
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
