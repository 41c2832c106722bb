/**
 * Squares of a plane (a mask, or strokes) as they were before a gesture, which is what undoing needs. A square of one
 * value, as most of them are, costs a number; so a hundred strokes on a large picture stay small.
 */
import type { Box } from '#contract/mask/grey-mask'
import type { Size } from './box.ts'

export const TILE = 64

/** Rows from the top, as many bytes a pixel as the length says. */
export interface Plane extends Size {
  data: Uint8Array
}

/** One value for every byte of the square, or its rows one after another. */
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

export function boxOfTile(tile: number, { width, height }: Size): Box {
  const columns = columnsOf(width)
  const left = (tile % columns) * TILE
  const top = Math.floor(tile / columns) * TILE
  return { left, top, right: Math.min(left + TILE, width), bottom: Math.min(top + TILE, height) }
}

export function readTile(plane: Plane, tile: number): TileContent {
  const { left, top, length, stride, rows } = placeOfTile(plane, tile)
  const bytes = new Uint8Array(length * rows)
  for (let y = 0; y < rows; y++) {
    const start = (top + y) * stride + left
    bytes.set(plane.data.subarray(start, start + length), y * length)
  }
  const first = bytes[0] ?? 0
  return bytes.every(value => value === first) ? first : bytes
}

export function writeTile(plane: Plane, tile: number, content: TileContent): void {
  const { left, top, length, stride, rows } = placeOfTile(plane, tile)
  for (let y = 0; y < rows; y++) {
    const start = (top + y) * stride + left
    if (typeof content === 'number') plane.data.fill(content, start, start + length)
    else plane.data.set(content.subarray(y * length, (y + 1) * length), start)
  }
}

export function isSameTile(a: TileContent, b: TileContent): boolean {
  if (typeof a === 'number' || typeof b === 'number') return a === b
  return a.every((value, i) => value === b[i])
}

export function countTiles({ width, height }: Size): number {
  return columnsOf(width) * Math.ceil(height / TILE)
}

export function columnsOf(width: number): number {
  return Math.ceil(width / TILE)
}

/** Bytes a pixel. */
export function depthOf({ width, height, data }: Plane): number {
  return data.length / (width * height)
}

/** In bytes but for `rows` and `top`, which are lines. */
function placeOfTile(plane: Plane, tile: number) {
  const { left, top, right, bottom } = boxOfTile(tile, plane)
  const depth = depthOf(plane)
  return {
    left: left * depth,
    length: (right - left) * depth,
    stride: plane.width * depth,
    top,
    rows: bottom - top,
  }
}

/** As many as the content has that is no single value. */
export function bytesOfWholeTile(plane: Plane, tile: number): number {
  const { length, rows } = placeOfTile(plane, tile)
  return length * rows
}
