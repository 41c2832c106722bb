/** Strokes of colour at the resolution at which they are looked at; a pixel is the mean of at most four. */
import type { Box } from '#contract/mask/grey-mask'
import type { Strokes } from './document.ts'
import { samplesOf } from './mask-look.ts'

/** RGBA of the box (in pixels of the level) as words in little-endian order; null where nothing was painted. */
export function drawStrokes(
  { width, height, data }: Strokes,
  box: Box,
  level: number,
): Uint32Array<ArrayBuffer> | null {
  const pixels = new Uint32Array(data.buffer, data.byteOffset, data.length / 4)
  const unit = 2 ** level
  const [first, second] = samplesOf(unit)
  const drawn = new Uint32Array((box.right - box.left) * (box.bottom - box.top))
  let seen = 0
  for (let y = box.top, to = 0; y < box.bottom; y++) {
    const upper = (y * unit + first) * width
    const lower = Math.min(y * unit + second, height - 1) * width
    for (let x = box.left; x < box.right; x++, to++) {
      const [left, right] = [x * unit + first, Math.min(x * unit + second, width - 1)]
      const word = meanOf(
        pixels[upper + left] ?? 0,
        pixels[upper + right] ?? 0,
        pixels[lower + left] ?? 0,
        pixels[lower + right] ?? 0,
      )
      drawn[to] = word
      seen |= word
    }
  }
  return seen === 0 ? null : drawn
}

/** Colours count as far as they are opaque. */
function meanOf(a: number, b: number, c: number, d: number): number {
  if (a === b && a === c && a === d) return a
  const opacity = (a >>> 24) + (b >>> 24) + (c >>> 24) + (d >>> 24)
  if (opacity === 0) return 0
  const channel = (shift: number): number => {
    const sum =
      (a >>> 24) * ((a >>> shift) & 255) +
      (b >>> 24) * ((b >>> shift) & 255) +
      (c >>> 24) * ((c >>> shift) & 255) +
      (d >>> 24) * ((d >>> shift) & 255)
    return Math.round(sum / opacity) << shift
  }
  return ((Math.round(opacity / 4) << 24) | channel(16) | channel(8) | channel(0)) >>> 0
}
