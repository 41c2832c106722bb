/** Masks whole cells of a grid: the one under the pointer, and those that it is drawn over. */
import { boxOfCell, cellAt, gridOf } from '../grid.ts'
import { paintPolygon, rectangleCorners, type Mode } from '../paint.ts'
import { modeFor, type PointerInput, type Tool, type ToolContext } from './tool.ts'

export function createGridTool(): Tool {
  let mode: Mode | null = null
  function fill(at: PointerInput, context: ToolContext): void {
    const { mask } = context.document
    if (mode === null || at.x < 0 || at.y < 0 || at.x > mask.width || at.y > mask.height) return
    const grid = gridOf(mask, context.settings().cells)
    const box = boxOfCell(cellAt(at, mask, grid), mask, grid)
    const corners = rectangleCorners({ x: box.left, y: box.top }, { x: box.right, y: box.bottom })
    const way = mode
    context.change('mask', box, () => paintPolygon(mask, corners, way))
  }
  return {
    down(at, context) {
      mode = modeFor(context, at)
      context.begin()
      fill(at, context)
    },
    move: fill,
    up(_at, context) {
      if (mode === null) return
      mode = null
      context.end()
    },
    reset() {
      mode = null
    },
  }
}
