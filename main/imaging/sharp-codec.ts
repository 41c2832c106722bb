/** Pictures of any format in, previews out: the only file that imports sharp. Its work runs on threads of its own. */
import sharp from 'sharp'
import { AppError } from '#contract/errors'

/** Three bytes a pixel, row by row. */
export interface Rgb {
  width: number
  height: number
  data: Uint8Array
}

const PREVIEW_QUALITY = 80
/** Longest side; a preview is looked at for a fifth of a second. */
const PREVIEW_SIDE = 384

/** A small JPEG, enlarged smoothly from one pixel a latent; `aspect` is that of the finished picture. */
export async function encodePreview(image: Rgb, aspect: { width: number; height: number }): Promise<Uint8Array> {
  const scale = Math.min(1, PREVIEW_SIDE / Math.max(aspect.width, aspect.height))
  const [width, height] = [aspect.width, aspect.height].map(side => Math.max(1, Math.round(side * scale)))
  return sharp(image.data, { raw: { width: image.width, height: image.height, channels: 3 } })
    .resize(width, height, { fit: 'fill', kernel: 'cubic' })
    .jpeg({ quality: PREVIEW_QUALITY })
    .toBuffer()
}

/** Any picture file -> RGB without alpha, turned upright; throws `invalid-input` for what is not a picture. */
export async function decodePicture(file: string | Uint8Array): Promise<Rgb> {
  try {
    const { data, info } = await sharp(file)
      .rotate()
      .flatten()
      .toColourspace('srgb')
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true })
    return { width: info.width, height: info.height, data }
  } catch (cause) {
    throw new AppError('invalid-input', 'This file is not a picture that Easel can read.', { cause })
  }
}
