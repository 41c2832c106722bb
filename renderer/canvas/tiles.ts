/**
 * Squares of a mask as they were before a gesture, which is what undoing needs. A square of one value, as most of them
 * are, costs a number; so a hundred strokes on a large picture stay small.
 */
import type { Box, GreyMask } from '#contract/mask/grey-mask'

export const TILE = 64

/** One value for the whole square, or its rows one after another. */
export type TileContent = number | Uint8Array

/** Indices of the squares that a box touches, in rows of `columnsOf(width)`. */
export function tilesOf({ left, top, right, bottom }: Box, width: number): number[] {
  const columns = columnsOf(width)
  const tiles: number[] = []
  for (let row = Math.floor(top / TILE); row * TILE < bottom; row++) {
    for (let column = Math.floor(left / TILE); column * TILE < right; column++) tiles.push(row * columns + column)
  }
  return tiles
}

export function boxOfTile(tile: number, { width, height }: { width: number; height: number }): Box {
  const columns = columnsOf(width)
  const left = (tile % columns) * TILE
  const top = Math.floor(tile / columns) * TILE
  return { left, top, right: Math.min(left + TILE, width), bottom: Math.min(top + TILE, height) }
}

export function readTile(mask: GreyMask, tile: number): TileContent {
  const { left, top, right, bottom } = boxOfTile(tile, mask)
  const bytes = new Uint8Array((right - left) * (bottom - top))
  for (let y = top; y < bottom; y++) {
    bytes.set(mask.data.subarray(y * mask.width + left, y * mask.width + right), (y - top) * (right - left))
  }
  const first = bytes[0] ?? 0
  return bytes.every(value => value === first) ? first : bytes
}

export function writeTile(mask: GreyMask, tile: number, content: TileContent): void {
  const { left, top, right, bottom } = boxOfTile(tile, mask)
  for (let y = top; y < bottom; y++) {
    const start = y * mask.width
    if (typeof content === 'number') mask.data.fill(content, start + left, start + right)
    else mask.data.set(content.subarray((y - top) * (right - left), (y - top + 1) * (right - left)), start + left)
  }
}

export function isSameTile(a: TileContent, b: TileContent): boolean {
  if (typeof a === 'number' || typeof b === 'number') return a === b
  return a.every((value, i) => value === b[i])
}

export function bytesOfTile(content: TileContent): number {
  return typeof content === 'number' ? 8 : content.length
}

function columnsOf(width: number): number {
  return Math.ceil(width / TILE)
}
