/** Pictures of any format in, previews out: the only file that imports sharp. Its work runs on threads of its own. */
import { readFile } from 'node:fs/promises'
import sharp, { type Metadata } from 'sharp'
import { EDIT_LIMITS } from '#contract/edit'
import { AppError } from '#contract/errors'
import { THUMBNAIL_SIDE } from '#contract/gallery'
import { isAnimatedPng } from './png-chunks.ts'

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

/** A picture's file (absolute) as a small WebP whose shorter side is THUMBNAIL_SIDE; throws `invalid-input` for what is not a picture. */
export async function encodeThumbnail(file: string): Promise<Uint8Array> {
  try {
    return await sharp(file)
      .autoOrient()
      .resize(THUMBNAIL_SIDE, THUMBNAIL_SIDE, { fit: 'outside', withoutEnlargement: true })
      .webp({ quality: PREVIEW_QUALITY })
      .toBuffer()
  } catch (cause) {
    throw new AppError('invalid-input', `${file} is not a picture that Easel can read.`, { cause })
  }
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

/** A picture that is to be changed, at 8 bits a channel, upright, with all that has to survive the change. */
export interface SourcePicture {
  width: number
  height: number
  /** 4 when the file has transparency. */
  channels: 3 | 4
  data: Uint8Array
  /** Of the numbers above; undefined is sRGB. */
  profile: Uint8Array | undefined
  /** What was converted on the way, in words for a person. */
  notices: string[]
}

/** The numbers of an 8-bit RGB file come out as they are in it. `name` begins the sentences: "The picture". */
export async function decodeSource(file: string | Uint8Array, name: string): Promise<SourcePicture> {
  try {
    const options = { limitInputPixels: EDIT_LIMITS.sourcePixels, failOn: 'error' as const }
    const bytes = typeof file === 'string' ? await readFile(file) : file
    const meta = await sharp(bytes, options).metadata()
    refuseFloats(meta)
    const isCmyk = meta.space === 'cmyk'
    // The profile travels with the numbers; only numbers that have no place in RGB are converted through it.
    const picture = sharp(bytes, { ...options, ignoreIcc: !isCmyk })
      .autoOrient()
      .toColourspace('srgb')
    const { data, info } = await (meta.hasAlpha ? picture.ensureAlpha() : picture.removeAlpha())
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    return {
      width: info.width,
      height: info.height,
      channels: meta.hasAlpha ? 4 : 3,
      data,
      profile: isCmyk || meta.space === 'b-w' || meta.space === 'grey16' ? undefined : meta.icc,
      notices: conversionsOf(meta, isAnimatedPng(bytes)).map(words => `${name} ${words}.`),
    }
  } catch (cause) {
    const reason = cause instanceof Error ? ` (${cause.message.split('\n')[0]})` : ''
    throw new AppError('invalid-input', `${name} cannot be read${reason}.`, { cause })
  }
}

/** TIFF can hold them. What is white in such a file is not said anywhere: 1 in one program, 255 in the next. */
function refuseFloats({ depth }: Metadata): void {
  if (['float', 'double', 'complex', 'dpcomplex'].includes(depth)) {
    throw new Error('it holds floating-point numbers; save it with 8 or 16 bits a channel')
  }
}

function conversionsOf(meta: Metadata, isAnimated: boolean): string[] {
  return [
    ...(meta.depth === 'uchar' ? [] : ['has more than 8 bits a channel and was reduced to 8']),
    ...(meta.space === 'cmyk' ? ['is CMYK and was converted to RGB'] : []),
    ...(meta.isPalette ? ['has a palette and was converted to full colour'] : []),
    ...(meta.orientation === undefined || meta.orientation === 1 ? [] : ['was turned upright']),
    ...(!isAnimated && (meta.pages ?? 1) === 1 ? [] : ['has several frames; the first one was taken']),
  ]
}
