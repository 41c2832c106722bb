/** What is looked at for a fifth of a second: one pixel a latent, enlarged smoothly, as a small JPEG. */
import { encodeJpeg } from './jpeg-encode.ts'
import type { PixelImage } from './pixel-image.ts'
import { resizeImage } from './resample.ts'

/** Longest side; whoever shows it enlarges it further. */
const LONGEST_SIDE = 128
/** More pixels a latent would show nothing more, and cost as much again. */
const ENLARGEMENT = 2

/** `aspect` is that of the finished picture. */
export function encodePreview(
  { width, height, data }: Pick<PixelImage, 'width' | 'height' | 'data'>,
  aspect: { width: number; height: number },
): Uint8Array {
  const longest = Math.min(LONGEST_SIDE, ENLARGEMENT * Math.max(width, height))
  const scale = longest / Math.max(aspect.width, aspect.height)
  const side = (length: number) => Math.max(1, Math.round(length * scale))
  const size = { width: side(aspect.width), height: side(aspect.height) }
  return encodeJpeg(resizeImage({ width, height, channels: 3, data }, size, 'bicubic'))
}
