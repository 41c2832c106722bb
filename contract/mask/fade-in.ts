/**
 * A ramp inside a mask: 0 at the edge of what is not 0, full strength `width` pixels further in, and nothing outside.
 * Where a stroke is thinner than the ramp is long, the ramp is as long as the stroke allows:
 *   w(p) = d(p) / max of d within `width` of p,   d = min(distance to the nearest 0, width)
 * so that a line of one pixel keeps its full strength instead of vanishing.
 */
import type { GreyMask } from './grey-mask.ts'
import { maxInSquare } from './max-in-square.ts'

export function fadeInMask(mask: GreyMask, ramp: number): GreyMask {
  const { width, height, data } = mask
  if (ramp === 0) return { width, height, data: data.slice() }
  const depth = depthInside(mask, ramp)
  const deepest = maxInSquare(depth, width, height, ramp)
  const faded = data.map((value, i) => Math.round((value * (depth[i] ?? 0)) / Math.max(1, deepest[i] ?? 0))) // both are 0 outside
  return { width, height, data: faded }
}

/** Chessboard distance to the nearest 0, at most `ramp`; the picture's edge is no edge of the mask. */
function depthInside({ width, data }: GreyMask, ramp: number): Uint8Array {
  const depth = data.map(value => (value === 0 ? 0 : ramp))
  const lower = (i: number, x: number, neighbour: number, dx: number): void => {
    if (x + dx < 0 || x + dx >= width || neighbour < 0 || neighbour >= depth.length) return
    depth[i] = Math.min(depth[i] ?? 0, (depth[neighbour] ?? 0) + 1)
  }
  const sweep = (i: number, direction: 1 | -1): void => {
    const x = i % width
    lower(i, x, i - direction, -direction)
    for (const dx of [-1, 0, 1]) lower(i, x, i - direction * width + dx, dx)
  }
  for (let i = 0; i < depth.length; i++) if (depth[i] !== 0) sweep(i, 1)
  for (let i = depth.length - 1; i >= 0; i--) if (depth[i] !== 0) sweep(i, -1)
  return depth
}
