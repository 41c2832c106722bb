/** Where the picture lies on the screen: screen = picture x scale + offset. Zooming keeps the point under the cursor. */
import type { Point, Size } from './box.ts'

export interface Viewport extends Point {
  scale: number
}

export const ZOOM = { min: 0.02, max: 32 } as const
const MARGIN = 24

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

/** The whole picture in the middle, with a margin. */
export function fitView(picture: Size, stage: Size): Viewport {
  const scale = Math.min(
    ZOOM.max,
    Math.max(
      ZOOM.min,
      Math.min((stage.width - 2 * MARGIN) / picture.width, (stage.height - 2 * MARGIN) / picture.height),
    ),
  )
  return centred(picture, stage, scale)
}

export function centred(picture: Size, stage: Size, scale: number): Viewport {
  return { scale, x: (stage.width - picture.width * scale) / 2, y: (stage.height - picture.height * scale) / 2 }
}
