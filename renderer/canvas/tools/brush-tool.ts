/** Brush and eraser of the mask. */
import { boxOfSegment, paintSegment, type Mode } from '../paint.ts'
import { createStrokeTool } from './stroke.ts'
import { modeFor, type Tool } from './tool.ts'

export function createBrushTool(kind: 'brush' | 'eraser'): Tool {
  let mode: Mode = 'add'
  return createStrokeTool({
    begin(at, context) {
      mode = kind === 'eraser' ? 'subtract' : modeFor(context, at)
      return true
    },
    segment(from, to, context) {
      const { mask } = context.document
      const { brush } = context.settings()
      context.change('mask', boxOfSegment(from, to, brush, mask), () => paintSegment(mask, from, to, brush, mode))
    },
    end: () => undefined,
  })
}
