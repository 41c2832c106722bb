/** The colour brush, what rubs its strokes out again, and the eyedropper that Alt stands for while painting. */
import { boxOfSegment } from '../paint.ts'
import { createColourStroke, type ColourStroke } from '../paint-strokes.ts'
import { createStrokeTool } from './stroke.ts'
import type { PointerInput, Tool, ToolContext } from './tool.ts'

export function createSketchTool(kind: 'sketch' | 'rub'): Tool {
  let stroke: ColourStroke | null = null
  return createStrokeTool({
    begin(at, context) {
      if (at.alt) {
        takeColour(at, context)
        return false
      }
      stroke = createColourStroke(context.document.mask, kind === 'rub' ? null : context.settings().colour)
      return true
    },
    segment(from, to, context) {
      const { brush } = context.settings()
      context.change('strokes', boxOfSegment(from, to, brush, context.document.mask), () => {
        const { strokes } = context.document
        if (strokes !== null) stroke?.paint(strokes, from, to, brush)
      })
    },
    end() {
      stroke = null
    },
  })
}

export function createEyedropperTool(): Tool {
  let isHeld = false
  return {
    down(at, context) {
      isHeld = true
      takeColour(at, context)
    },
    move(at, context) {
      if (isHeld) takeColour(at, context)
    },
    up() {
      isHeld = false
    },
    reset() {
      isHeld = false
    },
  }
}

function takeColour(at: PointerInput, context: ToolContext): void {
  const colour = context.colourAt(at)
  if (colour !== null) context.set({ colour })
}
