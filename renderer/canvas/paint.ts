/**
 * Painting into a mask: strokes, polygons and ellipses as coverage 0..255 that is laid on by the greater value, or taken
 * away by the smaller. Going over a place twice changes nothing, so a soft brush does not build up hard edges.
 */
import type { Box, GreyMask } from '#contract/mask/grey-mask'
import { boxAround, type Point, type Size } from './box.ts'

export type Mode = 'add' | 'subtract'

export interface Brush {
  /** Diameter in pixels. */
  size: number
  /** 0 is soft from the middle on, 1 has a hard edge. */
  hardness: number
  /** 0..1: how white it paints. */
  opacity: number
}

/** A point of a stroke, with the pressure 0..1 of the pen there. */
export interface StrokePoint extends Point {
  pressure: number
}

/** Where a stroke from `a` to `b` can leave something. */
export function boxOfSegment(a: Point, b: Point, brush: Brush, size: Size): Box | null {
  return boxAround([a, b], brush.size / 2 + 1, size)
}

export function paintSegment(mask: GreyMask, a: StrokePoint, b: StrokePoint, brush: Brush, mode: Mode): void {
  const full = 255 * brush.opacity
  const put = layer(mask, mode)
  eachCovered(mask, a, b, brush, (x, y, share) => put(y * mask.width + x, full * share))
}

/**
 * The pixels that a stroke from `a` to `b` covers, and by how much, 0..1: each by its distance to the segment. No stamps,
 * so no beads at any speed.
 */
export function eachCovered(
  size: Size,
  a: StrokePoint,
  b: StrokePoint,
  brush: Brush,
  visit: (x: number, y: number, share: number) => void,
): void {
  const box = boxOfSegment(a, b, brush, size)
  if (box === null) return
  const [dx, dy] = [b.x - a.x, b.y - a.y]
  const lengthSquared = dx * dx + dy * dy
  for (let y = box.top; y < box.bottom; y++) {
    const row = rowSpan(a, b, y + 0.5, brush.size / 2 + 1)
    const end = Math.min(box.right, Math.ceil(row.to))
    for (let x = Math.max(box.left, Math.floor(row.from)); x < end; x++) {
      const [px, py] = [x + 0.5 - a.x, y + 0.5 - a.y]
      const along = lengthSquared === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / lengthSquared))
      const [offX, offY] = [px - along * dx, py - along * dy]
      const radius = (brush.size / 2) * (a.pressure + along * (b.pressure - a.pressure))
      const share = falloff(Math.sqrt(offX * offX + offY * offY), radius, brush.hardness)
      if (share > 0) visit(x, y, share)
    }
  }
}

/** The part of a row that a segment can reach: a long slanted one passes most of its box by. */
function rowSpan(a: Point, b: Point, y: number, reach: number): { from: number; to: number } {
  const [top, bottom] = a.y < b.y ? [a, b] : [b, a]
  const height = bottom.y - top.y
  const xAt = (limit: number): number => {
    const share = height === 0 ? 0 : Math.min(1, Math.max(0, (limit - top.y) / height))
    return top.x + share * (bottom.x - top.x)
  }
  const ends = height === 0 ? [a.x, b.x] : [xAt(y - reach), xAt(y + reach)]
  return { from: Math.min(...ends) - reach, to: Math.max(...ends) + reach }
}

/** Full up to `hardness` of the radius, then a smooth fall; never steeper than one pixel, so that edges are not jagged. */
function falloff(distance: number, radius: number, hardness: number): number {
  const outer = radius + 0.5
  const inner = Math.max(0, Math.min(radius * hardness, radius - 0.5))
  if (distance <= inner) return 1
  if (distance >= outer) return 0
  const t = (outer - distance) / (outer - inner)
  return t * t * (3 - 2 * t)
}

/** Pixels whose centre lies inside the polygon (even-odd). */
export function paintPolygon(mask: GreyMask, corners: readonly Point[], mode: Mode): void {
  const box = boxAround(corners, 0, mask)
  if (box === null || corners.length < 3) return
  const put = layer(mask, mode)
  for (let y = box.top; y < box.bottom; y++) {
    const crossings = crossingsAt(corners, y + 0.5)
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const from = Math.max(box.left, Math.ceil((crossings[i] ?? 0) - 0.5))
      const to = Math.min(box.right, Math.ceil((crossings[i + 1] ?? 0) - 0.5))
      for (let x = from; x < to; x++) put(y * mask.width + x, 255)
    }
  }
}

function crossingsAt(corners: readonly Point[], y: number): number[] {
  const crossings: number[] = []
  let previous = corners.at(-1)
  for (const corner of corners) {
    if (previous !== undefined && previous.y <= y !== corner.y <= y) {
      crossings.push(previous.x + ((y - previous.y) / (corner.y - previous.y)) * (corner.x - previous.x))
    }
    previous = corner
  }
  return crossings.sort((a, b) => a - b)
}

/** The ellipse as a polygon fine enough that no pixel shows it. */
export function ellipseCorners(a: Point, b: Point): Point[] {
  const [cx, cy, rx, ry] = [(a.x + b.x) / 2, (a.y + b.y) / 2, Math.abs(b.x - a.x) / 2, Math.abs(b.y - a.y) / 2]
  const count = Math.max(16, Math.ceil(Math.max(rx, ry) * 2))
  return Array.from({ length: count }, (_, i) => {
    const angle = (2 * Math.PI * i) / count
    return { x: cx + rx * Math.cos(angle), y: cy + ry * Math.sin(angle) }
  })
}

export function rectangleCorners(a: Point, b: Point): Point[] {
  return [a, { x: b.x, y: a.y }, b, { x: a.x, y: b.y }]
}

/** Lays a selection of the mask's size (0 or 255) on it. */
export function paintSelection(mask: GreyMask, selection: Uint8Array, mode: Mode): void {
  const put = layer(mask, mode)
  for (let i = 0; i < selection.length; i++) if (selection[i] !== 0) put(i, selection[i] ?? 0)
}

function layer({ data }: GreyMask, mode: Mode): (index: number, value: number) => void {
  if (mode === 'add') {
    return (index, value) => {
      if (value > (data[index] ?? 0)) data[index] = Math.round(value)
    }
  }
  return (index, value) => {
    if (255 - value < (data[index] ?? 0)) data[index] = Math.round(255 - value)
  }
}
