/**
 * FLUX sees latents as a list of tokens: each 2 x 2 block of the 16-channel latents is one token of 64 numbers, with its
 * row and column as position. Noise is drawn before packing, [batch, 16, height, width] (diffusers, pipelines/flux).
 */
import type { FloatTensor } from './tensor.ts'

/** [batch, c, h, w] -> [batch, h/2 w/2, 4 c]; a token's order is channel, row in the block, column in the block. */
export function packLatents({ dims, data }: FloatTensor): FloatTensor {
  const [batch, channels, height, width] = dims
  const packed = new Float32Array(data.length)
  forEachPacked(batch, channels, height, width, (plain, token) => void (packed[token] = data[plain]))
  return { dims: [batch, (height / 2) * (width / 2), channels * 4], data: packed }
}

/** The way back; `height` and `width` are those of the latents, both even. */
export function unpackLatents({ dims, data }: FloatTensor, height: number, width: number): FloatTensor {
  const [batch, , features] = dims
  const channels = features / 4
  const plain = new Float32Array(data.length)
  forEachPacked(batch, channels, height, width, (index, token) => void (plain[index] = data[token]))
  return { dims: [batch, channels, height, width], data: plain }
}

/** (0, row, column) of every token, [rows x columns, 3]. */
export function imageIds(rows: number, columns: number): FloatTensor {
  const data = new Float32Array(rows * columns * 3)
  for (let token = 0; token < rows * columns; token++) {
    data[token * 3 + 1] = Math.floor(token / columns)
    data[token * 3 + 2] = token % columns
  }
  return { dims: [rows * columns, 3], data }
}

/** FLUX Fill's mask: [batch, 1, height, width] in pixels; each block of factor x factor pixels becomes channels, then packed. */
export function packFillMask({ dims, data }: FloatTensor, factor: number): FloatTensor {
  const [batch, , height, width] = dims
  const [rows, columns] = [height / factor, width / factor]
  const channels = factor * factor
  const blocks = new Float32Array(data.length)
  for (let i = 0; i < data.length; i++) {
    const x = i % width
    const y = Math.floor(i / width) % height
    const image = Math.floor(i / (width * height))
    const channel = (y % factor) * factor + (x % factor)
    const row = (image * channels + channel) * rows + Math.floor(y / factor)
    blocks[row * columns + Math.floor(x / factor)] = data[i]
  }
  return packLatents({ dims: [batch, channels, rows, columns], data: blocks })
}

export interface ShiftRange {
  baseTokens: number
  maxTokens: number
  baseShift: number
  maxShift: number
}

/** mu of the dynamic shift: on a line through (baseTokens, baseShift) and (maxTokens, maxShift). Larger pictures need more noise. */
export function shiftOfTokens(tokens: number, { baseTokens, maxTokens, baseShift, maxShift }: ShiftRange): number {
  const slope = (maxShift - baseShift) / (maxTokens - baseTokens)
  return tokens * slope + (baseShift - slope * baseTokens)
}

/** Calls `visit` with the index in [batch, c, h, w] and the one in [batch, h/2 w/2, 4 c] of the same number. */
function forEachPacked(
  batch: number,
  channels: number,
  height: number,
  width: number,
  visit: (plain: number, token: number) => void,
): void {
  const columns = width / 2
  const tokens = (height / 2) * columns
  for (let plane = 0, plain = 0; plane < batch * channels; plane++) {
    const image = Math.floor(plane / channels)
    const feature = (plane % channels) * 4
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++, plain++) {
        const token = image * tokens + (y >> 1) * columns + (x >> 1)
        visit(plain, token * channels * 4 + feature + (y & 1) * 2 + (x & 1))
      }
    }
  }
}
