/**
 * Puts a repainted region back into its picture. A pixel whose mask is 0 keeps its bytes, all of them; the rest is
 *   out = (m new + (255 - m) old) / 255
 * Transparency stays as it is, but where nothing was visible the new pixels show as far as the mask lets them.
 */
import type { Box, GreyMask } from '#contract/mask/grey-mask'
import { emptyImage, type PixelImage } from './pixel-image.ts'

/** `region` is RGB of the box's size, `mask` of the picture's; a new picture with the channels of `picture` (3 or 4). */
export function pasteBack(picture: PixelImage, region: PixelImage, box: Box, mask: GreyMask): PixelImage {
  const { width, channels } = picture
  const data = picture.data.slice()
  for (let y = box.top; y < box.bottom; y++) {
    for (let x = box.left; x < box.right; x++) {
      const pixel = y * width + x
      const share = mask.data[pixel]
      if (share === 0) continue
      const from = ((y - box.top) * region.width + x - box.left) * 3
      const to = pixel * channels
      const isHidden = channels === 4 && data[to + 3] === 0
      const kept = isHidden ? 0 : 255 - share
      for (let c = 0; c < 3; c++) {
        data[to + c] = Math.round((share * region.data[from + c] + kept * data[to + c]) / (share + kept))
      }
      if (isHidden) data[to + 3] = share
    }
  }
  return { ...picture, data }
}

export function cropImage(image: PixelImage, box: Box): PixelImage {
  const { channels } = image
  const crop = emptyImage(box.right - box.left, box.bottom - box.top, channels)
  const stride = crop.width * channels
  for (let y = 0; y < crop.height; y++) {
    const start = ((box.top + y) * image.width + box.left) * channels
    crop.data.set(image.data.subarray(start, start + stride), y * stride)
  }
  return crop
}

/** Without transparency: the picture lies on this grey. */
export function flatten({ width, height, channels, data }: PixelImage, ground: number): PixelImage {
  const image = emptyImage(width, height, 3)
  for (let pixel = 0; pixel < width * height; pixel++) {
    const alpha = channels === 4 ? data[pixel * 4 + 3] : 255
    for (let c = 0; c < 3; c++) {
      image.data[pixel * 3 + c] = Math.round((alpha * data[pixel * channels + c] + (255 - alpha) * ground) / 255)
    }
  }
  return image
}

/** Each pixel takes the nearest one's value, so that no value appears that was not there: 0 stays 0. */
export function resizeMask(mask: GreyMask, width: number, height: number): GreyMask {
  if (mask.width === width && mask.height === height) return mask
  const data = new Uint8Array(width * height)
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * mask.height) / height) * mask.width
    for (let x = 0; x < width; x++) data[y * width + x] = mask.data[row + Math.floor(((x + 0.5) * mask.width) / width)]
  }
  return { width, height, data }
}
