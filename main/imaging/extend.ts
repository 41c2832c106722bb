/**
 * A larger picture around a picture, for painting on beyond its edges: the new border shows its surroundings drawn out;
 * the picture itself keeps its bytes.
 */
import type { Extend } from '#contract/edit'
import { createDrawnOut } from './draw-out.ts'
import { flatten } from './paste-back.ts'
import { emptyImage, pasteImage, type PixelImage } from './pixel-image.ts'

const WHITE = 255

export function extendImage(image: PixelImage, { left, top, right, bottom }: Extend): PixelImage {
  const { channels } = image
  const extended = emptyImage(image.width + left + right, image.height + top + bottom, channels)
  const drawnOut = createDrawnOut(flatten(image, WHITE))
  const colour = new Float64Array(3)
  for (let y = 0, to = 0; y < extended.height; y++) {
    const isRowOutside = y < top || y >= top + image.height
    for (let x = 0; x < extended.width; x++, to += channels) {
      if (!isRowOutside && x >= left && x < left + image.width) continue
      drawnOut(x - left, y - top, colour)
      for (let c = 0; c < 3; c++) extended.data[to + c] = Math.round(colour[c])
      if (channels === 4) extended.data[to + 3] = 255
    }
  }
  pasteImage(extended, image, left, top)
  return extended
}
