/**
 * A larger picture around a picture, for painting on beyond its edges: the new border shows its surroundings drawn out;
 * the picture itself keeps its bytes.
 */
import type { Extend } from '#contract/edit'
import { borderMask } from '#contract/mask/extend-mask'
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
