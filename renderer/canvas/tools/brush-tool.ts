/** Brush and eraser: segments from where the smoothed pointer was to where it is. Shift draws a line from the last stroke's end. */
import type { Mode, StrokePoint } from '../paint.ts'
import { boxOfSegment, paintSegment } from '../paint.ts'
import { modeFor, type PointerInput, type Tool, type ToolContext } from './tool.ts'

export function createBrushTool(kind: 'brush' | 'eraser'): Tool {
  let last: StrokePoint | null = null
  let mode: Mode | null = null

  function draw(to: StrokePoint, context: ToolContext): void {
    const [from, way] = [last ?? to, mode]
    if (way === null) return
    const { brush } = context.settings()
    context.change(boxOfSegment(from, to, brush, context.mask), () => {
      paintSegment(context.mask, from, to, brush, way)
    })
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
      const isLine = at.shift && last !== null
      mode = kind === 'eraser' ? 'subtract' : modeFor(context, at)
      context.begin()
      if (!isLine) last = null
      draw(strokePoint(at), context)
    },
    move(at, context) {
      if (mode !== null) draw(follow(at, context.settings().smoothing), context)
    },
    up(at, context) {
      if (mode === null) return
      draw(strokePoint(at), context) // the end catches up with the pointer
      mode = null
      context.end()
    },
    reset() {
      last = null
      mode = null
    },
  }
}

function strokePoint({ x, y, pressure }: PointerInput): StrokePoint {
  return { x, y, pressure }
}
