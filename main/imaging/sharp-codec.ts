/**
 * Pictures of any format in, small copies out: the only file that imports sharp. Its work runs on threads of its own. It is
 * loaded with the first picture: that takes 60 ms and 26 MB, which pictures made from words alone do without.
 */
import { readFile } from 'node:fs/promises'
import type { Metadata } from 'sharp'
import { EDIT_LIMITS } from '#contract/edit'
import { AppError } from '#contract/errors'
import { createNotice, type Notice } from '#contract/notices'
import { THUMBNAIL_SIDE } from '#contract/gallery'
import { isAnimatedPng } from './png-chunks.ts'

/** Three bytes a pixel, row by row. */
export interface Rgb {
  width: number
  height: number
  data: Uint8Array
}

const THUMBNAIL_QUALITY = 80

/** A picture's file (absolute) as a small WebP whose shorter side is THUMBNAIL_SIDE; throws `invalid-input` for what is not a picture. */
export async function encodeThumbnail(file: string): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp')
  try {
    return await sharp(file)
      .autoOrient()
      .resize(THUMBNAIL_SIDE, THUMBNAIL_SIDE, { fit: 'outside', withoutEnlargement: true })
      .webp({ quality: THUMBNAIL_QUALITY })
      .toBuffer()
  } catch (cause) {
    throw new AppError('invalid-input', `${file} is not a picture that Easel can read.`, { cause })
  }
}

/** Any picture file -> RGB without alpha, turned upright; throws `invalid-input` for what is not a picture. */
export async function decodePicture(file: string | Uint8Array): Promise<Rgb> {
  const { default: sharp } = await import('sharp')
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
  /** What was converted on the way. */
  notices: Notice[]
}

/** The numbers of an 8-bit RGB file come out as they are in it. `name` begins the sentences of errors and notices: "The picture". */
export async function decodeSource(file: string | Uint8Array, name: string): Promise<SourcePicture> {
  const { default: sharp } = await import('sharp')
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
      notices: conversionsOf(meta, isAnimatedPng(bytes)).map(code => createNotice(code, { source: [name] })),
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

function conversionsOf(meta: Metadata, isAnimated: boolean) {
  return [
    ...(meta.depth === 'uchar' ? [] : ['source-depth' as const]),
    ...(meta.space === 'cmyk' ? ['source-cmyk' as const] : []),
    ...(meta.isPalette ? ['source-palette' as const] : []),
    ...(meta.orientation === undefined || meta.orientation === 1 ? [] : ['source-turned' as const]),
    ...(!isAnimated && (meta.pages ?? 1) === 1 ? [] : ['source-frames' as const]),
  ]
}
