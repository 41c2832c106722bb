/** The magic wand as a tool: one click, one step. Without the picture's pixels it does nothing. */
import { wholeBox } from '../box.ts'
import { paintSelection } from '../paint.ts'
import { selectByColour } from '../wand.ts'
import { modeFor, type Tool } from './tool.ts'

export function createWandTool(): Tool {
  return {
    down(at, context) {
      const pixels = context.pixels()
      if (pixels === null) return
      const selection = selectByColour(pixels, at, context.settings().tolerance)
      context.begin()
      const { mask } = context.document
      context.change('mask', wholeBox(mask), () => paintSelection(mask, selection, modeFor(context, at)))
      context.end()
    },
    move: () => undefined,
    up: () => undefined,
    reset: () => undefined,
  }
}
