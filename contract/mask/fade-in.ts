/**
 * A ramp inside a mask: 0 at the edge of what is not 0, full strength `width` pixels further in, and nothing outside.
 * Where a stroke is thinner than the ramp is long, the ramp is as long as the stroke allows:
 *   w(p) = d(p) / max of d within `width` of p,   d = min(distance to the nearest 0, width)
 * so that a line of one pixel keeps its full strength instead of vanishing.
 */
import type { GreyMask } from './grey-mask.ts'

export function fadeInMask(mask: GreyMask, ramp: number): GreyMask {
  const { width, height, data } = mask
  if (ramp === 0) return { width, height, data: data.slice() }
  const depth = depthInside(mask, ramp)
  const deepest = maxInSquare(maxInSquare(depth, width, height, ramp, 'row'), width, height, ramp, 'column')
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

/** Maximum over 2 * reach + 1 neighbours along one axis. */
function maxInSquare(
  values: Uint8Array,
  width: number,
  height: number,
  reach: number,
  axis: 'row' | 'column',
): Uint8Array {
  const [lines, length, lineStride, stride] = axis === 'row' ? [height, width, width, 1] : [width, height, 1, width]
  const result = new Uint8Array(values.length)
  const queue = new Int32Array(length) // positions whose values fall: the first is the maximum of the window
  for (let line = 0; line < lines; line++) {
    const start = line * lineStride
    const at = (i: number): number => values[start + i * stride] ?? 0
    let [head, tail] = [0, 0]
    for (let i = 0; i < length + reach; i++) {
      if (i < length) {
        while (tail > head && at(queue[tail - 1] ?? 0) <= at(i)) tail--
        queue[tail++] = i
      }
      const centre = i - reach
      if (centre < 0) continue
      while ((queue[head] ?? 0) < centre - reach) head++
      result[start + centre * stride] = at(queue[head] ?? 0)
    }
  }
  return result
}
