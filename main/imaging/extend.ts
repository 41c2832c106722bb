/**
 * A larger picture around a picture, for painting on beyond its edges: the new border shows its surroundings drawn out,
 * and is masked whole; the picture itself keeps its bytes.
 */
import type { Extend } from '#contract/edit'
import { emptyMask, type GreyMask } from '#contract/mask/grey-mask'
import { fillMasked } from './fill-masked.ts'
import { flatten } from './paste-back.ts'
import { emptyImage, pasteImage, type PixelImage } from './pixel-image.ts'

const WHITE = 255

export function extendImage(image: PixelImage, { left, top, right, bottom }: Extend): PixelImage {
  const { channels } = image
  const [width, height] = [image.width + left + right, image.height + top + bottom]
  const rgb = emptyImage(width, height, 3)
  pasteImage(rgb, flatten(image, WHITE), left, top)
  const filled = fillMasked(rgb, borderMask(image, { left, top, right, bottom }), 'blurred', 0)
  if (channels === 3) return filled // pasted pixels of an opaque picture are its own bytes
  const extended = emptyImage(width, height, channels)
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let c = 0; c < 3; c++) extended.data[pixel * 4 + c] = filled.data[pixel * 3 + c]
    extended.data[pixel * 4 + 3] = 255
  }
  pasteImage(extended, image, left, top)
  return extended
}

/** The border is painted, and inside it what was painted before. */
export function extendMask(
  size: { width: number; height: number },
  painted: GreyMask | null,
  extend: Extend,
): GreyMask {
  const mask = borderMask(size, extend)
  if (painted !== null) pasteImage({ ...mask, channels: 1 }, { ...painted, channels: 1 }, extend.left, extend.top)
  return mask
}

function borderMask(
  { width, height }: { width: number; height: number },
  { left, top, right, bottom }: Extend,
): GreyMask {
  const mask = emptyMask(width + left + right, height + top + bottom)
  mask.data.fill(255)
  for (let y = top; y < top + height; y++) mask.data.fill(0, y * mask.width + left, y * mask.width + left + width)
  return mask
}
