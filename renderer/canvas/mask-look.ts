/**
 * The mask as pixels to be laid over the picture: a tint as strong as the mask, its outline, or the mask itself in black
 * and white. Pure, so that a test looks at the very pixels that the screen gets.
 */
import type { MaskLook } from '#contract/canvas-document'
import type { Box, GreyMask } from '#contract/mask/grey-mask'
import { clipBox } from './box.ts'

/** Red, green and blue, 0..255. */
export type Tint = readonly [number, number, number]

const TINT_OPACITY = 0.55
/** From here on a pixel lies inside the outline. */
const INSIDE = 128
/** The outline is a line of about two pixels where a picture fills a window that is so many pixels wide. */
const SHOWN_SIDE = 512
const WHITE = 0xffffffff
const BLACK = 0xff000000

/** The part that looks different after `box` of the mask changed: an outline also depends on its surroundings. */
export function boxOfLook(mask: GreyMask, look: MaskLook, box: Box): Box {
  if (look !== 'outline') return box
  const reach = outlineWidth(mask)
  const { left, top, right, bottom } = box
  const wider = { left: left - reach, top: top - reach, right: right + reach, bottom: bottom + reach }
  return clipBox(wider, mask) ?? box
}

/** RGBA of the box as words in little-endian order, rows from the top. */
export function drawLook(mask: GreyMask, look: MaskLook, box: Box, [red, green, blue]: Tint): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array((box.right - box.left) * (box.bottom - box.top))
  const colour = (blue << 16) | (green << 8) | red // red comes first in memory
  const wordAt = {
    tint: (value: number) => (Math.round(value * TINT_OPACITY) << 24) | colour,
    grey: (value: number) => BLACK | (value * 0x010101),
    outline: createOutline(mask),
  }[look]
  for (let y = box.top, i = 0; y < box.bottom; y++) {
    for (let x = box.left; x < box.right; x++, i++) words[i] = wordAt(mask.data[y * mask.width + x] ?? 0, x, y)
  }
  return words
}

/** Black and white by turns, so that it shows on any picture. */
function createOutline(mask: GreyMask): (value: number, x: number, y: number) => number {
  const reach = outlineWidth(mask)
  const isOutside = (x: number, y: number): boolean =>
    x < 0 || y < 0 || x >= mask.width || y >= mask.height || (mask.data[y * mask.width + x] ?? 0) < INSIDE
  return (value, x, y) => {
    if (value < INSIDE) return 0
    const isEdge =
      isOutside(x - reach, y) || isOutside(x + reach, y) || isOutside(x, y - reach) || isOutside(x, y + reach)
    if (!isEdge) return 0
    return Math.floor((x + y) / (4 * reach)) % 2 === 0 ? WHITE : BLACK
  }
}

function outlineWidth({ width, height }: GreyMask): number {
  return Math.max(1, Math.round(Math.max(width, height) / SHOWN_SIDE))
}
