/** Tools that fill a shape when it is closed: freehand lasso, polygon, rectangle, ellipse. Until then only an outline shows. */
import { boxAround, type Point } from '../box.ts'
import { ellipseCorners, paintPolygon, rectangleCorners, type Mode } from '../paint.ts'
import { modeFor, type Tool, type ToolContext } from './tool.ts'

/** On the screen: so near to the first corner, a click closes the polygon. */
const CLOSE_PIXELS = 8

function fill(corners: readonly Point[], mode: Mode, context: ToolContext): void {
  context.showOutline([])
  context.begin()
  const { mask } = context.document
  context.change('mask', corners.length === 0 ? null : boxAround(corners, 1, mask), () =>
    paintPolygon(mask, corners, mode),
  )
  context.end()
}

/** Dragged from corner to corner; Shift makes it as wide as high. */
export function createBoxTool(toCorners: (a: Point, b: Point) => Point[]): Tool {
  let start: Point | null = null
  const opposite = (from: Point, at: Point & { shift: boolean }): Point => {
    if (!at.shift) return at
    const side = Math.max(Math.abs(at.x - from.x), Math.abs(at.y - from.y))
    return { x: from.x + side * Math.sign(at.x - from.x), y: from.y + side * Math.sign(at.y - from.y) }
  }
  return {
    down(at) {
      start = { x: at.x, y: at.y }
    },
    move(at, context) {
      if (start !== null) context.showOutline(toCorners(start, opposite(start, at)))
    },
    up(at, context) {
      if (start !== null) fill(toCorners(start, opposite(start, at)), modeFor(context, at), context)
      start = null
    },
    reset() {
      start = null
    },
  }
}

export const createRectangleTool = (): Tool => createBoxTool(rectangleCorners)
export const createEllipseTool = (): Tool => createBoxTool(ellipseCorners)

export function createLassoTool(): Tool {
  let path: Point[] | null = null
  return {
    down(at) {
      path = [{ x: at.x, y: at.y }]
    },
    move(at, context) {
      if (path === null) return
      path.push({ x: at.x, y: at.y })
      context.showOutline(path)
    },
    up(at, context) {
      if (path !== null) fill(path, modeFor(context, at), context)
      path = null
    },
    reset() {
      path = null
    },
  }
}

/** A corner a click; Enter, a double click or a click on the first corner closes it. */
export function createPolygonTool(): Tool {
  let corners: Point[] = []
  let mode: Mode = 'add'
  function close(context: ToolContext): void {
    const shape = corners
    corners = []
    if (shape.length >= 3) fill(shape, mode, context)
    else context.showOutline([])
  }
  return {
    down(at, context) {
      const [first] = corners
      if (
        first !== undefined &&
        corners.length >= 3 &&
        Math.hypot(at.x - first.x, at.y - first.y) <= CLOSE_PIXELS * at.reach
      ) {
        close(context)
        return
      }
      if (first === undefined) mode = modeFor(context, at)
      corners.push({ x: at.x, y: at.y })
      context.showOutline(corners)
    },
    move(at, context) {
      if (corners.length > 0) context.showOutline([...corners, at])
    },
    up: () => undefined,
    finish: close,
    reset() {
      corners = []
    },
  }
}
