/**
 * The mask as pixels to be laid over the picture: a tint as strong as the mask, its outline, or the mask itself in black
 * and white. Pure, so that a test looks at the very pixels that the screen gets. It is drawn at the resolution at which
 * it is looked at (tiled-layer.ts).
 */
import type { MaskLook } from '#contract/canvas-document'
import type { Box, GreyMask } from '#contract/mask/grey-mask'
import type { Detail } from './tiled-layer.ts'

/** Red, green and blue, 0..255. */
export type Tint = readonly [number, number, number]

const TINT_OPACITY = 0.55
/** From here on a pixel lies inside the outline. */
const INSIDE = 128
const WHITE = 0xffffffff
const BLACK = 0xff000000
const FULL: Detail = { level: 0, line: 1 }

/** How many lines away a pixel of the mask counts for how one looks: an outline depends on its surroundings. */
export function reachOfLook(look: MaskLook): number {
  return look === 'outline' ? 1 : 0
}

/** RGBA of the box (in pixels of the level) as words in little-endian order, rows from the top; null: nothing to see. */
export function drawLook(
  mask: GreyMask,
  look: MaskLook,
  box: Box,
  tint: Tint,
  detail = FULL,
): Uint32Array<ArrayBuffer> | null {
  if (look === 'outline') return drawOutline(mask, box, detail)
  const values = sampleMask(mask, box, detail.level)
  const words = WORDS[look](tint)
  const drawn = new Uint32Array(values.length)
  let seen = 0
  for (let i = 0; i < values.length; i++) {
    const word = words[values[i] ?? 0] ?? 0
    drawn[i] = word
    seen |= word
  }
  return seen >>> 24 === 0 ? null : drawn
}

/** Of each of the 256 greys, what it looks like. */
const WORDS = {
  tint([red, green, blue]: Tint): Uint32Array {
    const colour = (blue << 16) | (green << 8) | red // red comes first in memory
    const words = Uint32Array.from({ length: 256 }, (_, value) => (Math.round(value * TINT_OPACITY) << 24) | colour)
    words[0] = 0 // what is not masked has no colour either
    return words
  },
  grey: (): Uint32Array => Uint32Array.from({ length: 256 }, (_, value) => BLACK | (value * 0x010101)),
} as const

/** Black and white by turns, so that it shows on any picture. */
function drawOutline(mask: GreyMask, box: Box, { level, line }: Detail): Uint32Array<ArrayBuffer> | null {
  const around = { left: box.left - line, top: box.top - line, right: box.right + line, bottom: box.bottom + line }
  const values = sampleMask(mask, around, level)
  const stride = around.right - around.left
  const [width, height] = [box.right - box.left, box.bottom - box.top]
  const drawn = new Uint32Array(width * height)
  const isOutside = (i: number): boolean => (values[i] ?? 0) < INSIDE
  let isSeen = false
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = (y + line) * stride + x + line
      if (isOutside(i)) continue
      if (
        !isOutside(i - line) &&
        !isOutside(i + line) &&
        !isOutside(i - line * stride) &&
        !isOutside(i + line * stride)
      )
        continue
      drawn[y * width + x] = isWhite(x + box.left, y + box.top, line) ? WHITE : BLACK
      isSeen = true
    }
  }
  return isSeen ? drawn : null
}

/** Dashes in every direction that edges often have; along the diagonal, x + y alone made them endless. */
function isWhite(x: number, y: number, line: number): boolean {
  return Math.floor((5 * x + 3 * y) / (16 * line)) % 2 === 0
}

/** Of each pixel of the level the mean of at most four of the mask's; beyond the picture nothing is masked. */
function sampleMask({ width, height, data }: GreyMask, box: Box, level: number): Uint8Array {
  const columns = box.right - box.left
  const values = new Uint8Array(columns * (box.bottom - box.top))
  const unit = 2 ** level
  const [first, second] = samplesOf(unit)
  const [right, bottom] = [Math.min(box.right, Math.ceil(width / unit)), Math.min(box.bottom, Math.ceil(height / unit))]
  for (let y = Math.max(0, box.top); y < bottom; y++) {
    const upper = (y * unit + first) * width
    const lower = Math.min(y * unit + second, height - 1) * width
    let to = (y - box.top) * columns + Math.max(0, -box.left)
    for (let x = Math.max(0, box.left); x < right; x++, to++) {
      const left = x * unit + first
      if (level === 0) {
        values[to] = data[upper + left] ?? 0
        continue
      }
      const far = Math.min(x * unit + second, width - 1)
      const sum =
        (data[upper + left] ?? 0) + (data[upper + far] ?? 0) + (data[lower + left] ?? 0) + (data[lower + far] ?? 0)
      values[to] = (sum + 2) >> 2
    }
  }
  return values
}

/** Where a side of a pixel of the level is looked at, in pixels of the plane from its corner. */
export function samplesOf(unit: number): readonly [number, number] {
  return [unit >> 2, unit - 1 - (unit >> 2)]
}
