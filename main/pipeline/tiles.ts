/**
 * Work on a picture in overlapping tiles, for pictures that are too large for the memory in one piece. Tiles fade into each
 * other linearly over their overlap, so that no seam shows:   out = sum(w tile) / sum(w)
 */
import type { FloatTensor } from './tensor.ts'

/** Starts of tiles of `size` over `length`, overlapping by at least `overlap`; one start 0 where a tile covers all. */
export function tileStarts(length: number, size: number, overlap: number): number[] {
  if (length <= size) return [0]
  const count = Math.ceil((length - overlap) / (size - overlap))
  return Array.from({ length: count }, (_, i) => Math.round((i * (length - size)) / (count - 1)))
}

export interface TileOptions {
  /** Side of a tile and overlap, in elements of the input. */
  size: number
  overlap: number
  /** Channels of the output, and its elements a side for each one of the input (below 1 for an encoder). */
  channels: number
  scale: number
}

/** [1, c, h, w] -> [1, channels, h scale, w scale], tile by tile through `run`. */
export async function runTiled(
  input: FloatTensor,
  { size, overlap, channels, scale }: TileOptions,
  run: (tile: FloatTensor) => Promise<FloatTensor>,
): Promise<FloatTensor> {
  const [, , height, width] = input.dims
  const [outHeight, outWidth] = [height * scale, width * scale]
  const sum = new Float32Array(channels * outHeight * outWidth)
  const weights = new Float32Array(outHeight * outWidth)
  for (const top of tileStarts(height, size, overlap)) {
    for (const left of tileStarts(width, size, overlap)) {
      const tile = cutTile(input, top, left, Math.min(size, height), Math.min(size, width))
      addTile(sum, weights, await run(tile), top * scale, left * scale, overlap * scale, outHeight, outWidth)
    }
  }
  const plane = weights.length
  for (let i = 0; i < sum.length; i++) sum[i] /= weights[i % plane]
  return { dims: [1, channels, outHeight, outWidth], data: sum }
}

function cutTile({ dims, data }: FloatTensor, top: number, left: number, height: number, width: number): FloatTensor {
  const [, channels, fullHeight, fullWidth] = dims
  const tile = new Float32Array(channels * height * width)
  for (let row = 0; row < channels * height; row++) {
    const source = (Math.floor(row / height) * fullHeight + top + (row % height)) * fullWidth + left
    tile.set(data.subarray(source, source + width), row * width)
  }
  return { dims: [1, channels, height, width], data: tile }
}

function addTile(
  sum: Float32Array,
  weights: Float32Array,
  tile: FloatTensor,
  top: number,
  left: number,
  fade: number,
  outHeight: number,
  outWidth: number,
): void {
  const [, channels, height, width] = tile.dims
  const vertical = fadeWeights(height, fade, top > 0, top + height < outHeight)
  const horizontal = fadeWeights(width, fade, left > 0, left + width < outWidth)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const weight = vertical[y] * horizontal[x]
      const target = (top + y) * outWidth + left + x
      weights[target] += weight
      for (let c = 0; c < channels; c++) {
        sum[c * outHeight * outWidth + target] += weight * tile.data[(c * height + y) * width + x]
      }
    }
  }
}

/** 1 in the middle, falling towards the edges that have a neighbour; never 0, so that every pixel has a weight. */
function fadeWeights(length: number, fade: number, hasBefore: boolean, hasAfter: boolean): Float32Array {
  return Float32Array.from({ length }, (_, i) => {
    const before = hasBefore ? (i + 1) / (fade + 1) : 1
    const after = hasAfter ? (length - i) / (fade + 1) : 1
    return Math.min(1, before, after)
  })
}
