/** Where the picture lies on the screen: screen = picture x scale + offset. Zooming keeps the point under the cursor. */
import { ZOOM } from '#contract/canvas-document'
import { sizeOf } from '#contract/mask/edit-region'
import type { Box } from '#contract/mask/grey-mask'
import type { Point, Size } from './box.ts'

export interface Viewport extends Point {
  scale: number
}

const MARGIN = 16

export function toPicture({ scale, x, y }: Viewport, screen: Point): Point {
  return { x: (screen.x - x) / scale, y: (screen.y - y) / scale }
}

export function zoomAt(view: Viewport, screen: Point, factor: number): Viewport {
  const scale = Math.min(ZOOM.max, Math.max(ZOOM.min, view.scale * factor))
  const fixed = toPicture(view, screen)
  return { scale, x: screen.x - fixed.x * scale, y: screen.y - fixed.y * scale }
}

export function pan(view: Viewport, dx: number, dy: number): Viewport {
  return { ...view, x: view.x + dx, y: view.y + dy }
}

/** How much of the stage's upper and lower end lies under tool bars. */
export interface Covered {
  top: number
  bottom: number
}

/** The whole box in the middle of what is not covered, with a margin. */
export function fitView(box: Box, stage: Size, covered: Covered): Viewport {
  const { width, height } = sizeOf(box)
  const room = { width: stage.width - 2 * MARGIN, height: stage.height - covered.top - covered.bottom - 2 * MARGIN }
  const scale = Math.min(room.width / width, room.height / height)
  return centred(box, stage, Math.min(ZOOM.max, Math.max(ZOOM.min, scale)), covered)
}

export function centred(box: Box, stage: Size, scale: number, covered: Covered): Viewport {
  const middle = { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 }
  return {
    scale,
    x: stage.width / 2 - middle.x * scale,
    y: (stage.height + covered.top - covered.bottom) / 2 - middle.y * scale,
  }
}
