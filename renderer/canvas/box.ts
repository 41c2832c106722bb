/** Rectangles of whole pixels; right and bottom are exclusive. What changed is told as one, so that only it is drawn again. */
import type { Box } from '#contract/mask/grey-mask'

export interface Point {
  x: number
  y: number
}

/** Of a box. */
export const SIDES = ['left', 'top', 'right', 'bottom'] as const
export type Side = (typeof SIDES)[number]

export interface Size {
  width: number
  height: number
}

export function wholeBox({ width, height }: Size): Box {
  return { left: 0, top: 0, right: width, bottom: height }
}

/** The pixels of a picture that lie within `reach` of the points; null when none does. */
export function boxAround(points: readonly Point[], reach: number, size: Size): Box | null {
  const xs = points.map(p => p.x)
  const ys = points.map(p => p.y)
  return clipBox(
    {
      left: Math.floor(Math.min(...xs) - reach),
      top: Math.floor(Math.min(...ys) - reach),
      right: Math.ceil(Math.max(...xs) + reach),
      bottom: Math.ceil(Math.max(...ys) + reach),
    },
    size,
  )
}

export function clipBox(box: Box, { width, height }: Size): Box | null {
  const clipped = {
    left: Math.max(0, box.left),
    top: Math.max(0, box.top),
    right: Math.min(width, box.right),
    bottom: Math.min(height, box.bottom),
  }
  return clipped.left < clipped.right && clipped.top < clipped.bottom ? clipped : null
}

export function moveBox({ left, top, right, bottom }: Box, dx: number, dy: number): Box {
  return { left: left + dx, top: top + dy, right: right + dx, bottom: bottom + dy }
}
export function isSameBox(a: Box, b: Box): boolean {
  return SIDES.every(side => a[side] === b[side])
}
