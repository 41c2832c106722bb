/**
 * Work on a picture in overlapping tiles, for pictures that are too large for the memory in one piece. Tiles fade into each
 * other over the middle of their overlap, so that no seam shows and no tile's edge is seen:   out = sum(w tile) / sum(w)
 */
import type { FloatTensor } from './tensor.ts'

/** Starts of tiles of `size` over `length`, overlapping by at least `overlap`; one start 0 where a tile covers all. */
export function tileStarts(length: number, size: number, overlap: number): number[] {
  if (length <= size) return [0]
  const count = Math.ceil((length - overlap) / (size - overlap))
  return Array.from({ length: count }, (_, i) => Math.round((i * (length - size)) / (count - 1)))
}

/** Everything in cells: what `inScale` x `inScale` elements of the input and `outScale` x `outScale` of the output are made of. */
export interface TileOptions {
  /** Side of a tile and overlap. */
  size: number
  overlap: number
  inScale: number
  outScale: number
}

/** [1, c, h inScale, w inScale] -> [1, d, h outScale, w outScale], tile by tile through `run`. */
export async function runTiled(
  input: FloatTensor,
  { size, overlap, inScale, outScale }: TileOptions,
  run: (tile: FloatTensor) => Promise<FloatTensor>,
): Promise<FloatTensor> {
  const [height, width] = [input.dims[2] / inScale, input.dims[3] / inScale]
  const [outHeight, outWidth] = [height * outScale, width * outScale]
  const [tileHeight, tileWidth] = [Math.min(size, height) * inScale, Math.min(size, width) * inScale]
  const weights = new Float32Array(outHeight * outWidth)
  let sum = new Float32Array()
  for (const top of tileStarts(height, size, overlap)) {
    for (const left of tileStarts(width, size, overlap)) {
      const result = await run(cutTile(input, top * inScale, left * inScale, tileHeight, tileWidth))
      if (sum.length === 0) sum = new Float32Array(result.dims[1] * weights.length) // channels are known from the first one
      addTile(sum, weights, result, top * outScale, left * outScale, overlap * outScale, outHeight, outWidth)
    }
  }
  const plane = weights.length
  for (let i = 0; i < sum.length; i++) sum[i] /= weights[i % plane]
  return { dims: [1, sum.length / plane, outHeight, outWidth], data: sum }
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

/** Of an overlap, at both of its ends: there a tile sees its own edge instead of what lies behind it, and counts for nothing. */
const BLIND = 1 / 4

/** 1 in the middle, 0 at the edges that have a neighbour, a line between; the weights of neighbours are nowhere 0 together. */
function fadeWeights(length: number, fade: number, hasBefore: boolean, hasAfter: boolean): Float32Array {
  const blind = Math.floor(fade * BLIND)
  const weightAt = (distance: number): number => Math.min(1, Math.max(0, distance - blind) / (fade - 2 * blind + 1))
  return Float32Array.from({ length }, (_, i) => {
    return Math.min(hasBefore ? weightAt(i + 1) : 1, hasAfter ? weightAt(length - i) : 1)
  })
}
