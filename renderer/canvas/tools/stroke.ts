/** The way of a brush: from where the smoothed pointer was to where it is; with Shift straight from the last stroke's end. */
import type { StrokePoint } from '../paint.ts'
import type { PointerInput, Tool, ToolContext } from './tool.ts'

export interface Stroke {
  /** False when this press draws nothing. */
  begin(at: PointerInput, context: ToolContext): boolean
  segment(from: StrokePoint, to: StrokePoint, context: ToolContext): void
  end(): void
}

export function createStrokeTool(stroke: Stroke): Tool {
  let last: StrokePoint | null = null
  let isDrawing = false

  function draw(to: StrokePoint, context: ToolContext): void {
    stroke.segment(last ?? to, to, context)
    last = to
  }

  /** The stroke follows the pointer by a part of the way left, so that a shaking hand draws a calm line. */
  function follow(at: PointerInput, smoothing: number): StrokePoint {
    if (last === null) return strokePoint(at)
    const share = 1 - 0.9 * smoothing
    const mix = (a: number, b: number): number => a + (b - a) * share
    return { x: mix(last.x, at.x), y: mix(last.y, at.y), pressure: mix(last.pressure, at.pressure) }
  }

  return {
    down(at, context) {
      if (!stroke.begin(at, context)) return
      isDrawing = true
      context.begin()
      if (!at.shift) last = null
      draw(strokePoint(at), context)
    },
    move(at, context) {
      if (isDrawing) draw(follow(at, context.settings().smoothing), context)
    },
    up(at, context) {
      if (!isDrawing) return
      draw(strokePoint(at), context) // the end catches up with the pointer
      isDrawing = false
      stroke.end()
      context.end()
    },
    reset() {
      last = null
      isDrawing = false
      stroke.end()
    },
  }
}

function strokePoint({ x, y, pressure }: PointerInput): StrokePoint {
  return { x, y, pressure }
}
