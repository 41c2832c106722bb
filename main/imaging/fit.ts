/**
 * The ways in which a picture is brought to the size that a model works at; diffusers' `resize_mode`. `stretch` (default
 * there) ignores proportions, `crop` keeps them and cuts off what is too much, `fill` keeps them and draws out the edges.
 */
import { emptyImage, pasteImage, type PixelImage } from './pixel-image.ts'
import { resizeImage } from './resample.ts'

export const FIT_MODES = ['stretch', 'crop', 'fill'] as const
export type FitMode = (typeof FIT_MODES)[number]

export interface Size {
  height: number
  width: number
}

export function fitImage(image: PixelImage, size: Size, mode: FitMode): PixelImage {
  switch (mode) {
    case 'stretch':
      return resizeImage(image, size, 'lanczos')
    case 'crop':
      return paste(image, size, coveringSize(image, size)).result
    case 'fill':
      return fill(image, size)
  }
}

/** The size without what is over a multiple of `step`. */
export function toMultiple({ height, width }: Size, step: number): Size {
  return { height: height - (height % step), width: width - (width % step) }
}

/** The smallest size of the same proportions that covers `size`; divisions round down. */
function coveringSize(image: Size, size: Size): Size {
  const wider = size.width / size.height > image.width / image.height
  return wider ? atWidth(image, size.width) : atHeight(image, size.height)
}

/** The largest size of the same proportions that fits into `size`. */
function containedSize(image: Size, size: Size): Size {
  const flatter = size.width / size.height < image.width / image.height
  return flatter ? atWidth(image, size.width) : atHeight(image, size.height)
}

function atWidth(image: Size, width: number): Size {
  return { width, height: Math.floor((image.height * width) / image.width) }
}

function atHeight(image: Size, height: number): Size {
  return { height, width: Math.floor((image.width * height) / image.height) }
}

function paste(image: PixelImage, size: Size, resizedTo: Size) {
  const resized = resizeImage(image, resizedTo, 'lanczos')
  const result = emptyImage(size.width, size.height, image.channels)
  const left = Math.floor(size.width / 2) - Math.floor(resized.width / 2)
  const top = Math.floor(size.height / 2) - Math.floor(resized.height / 2)
  pasteImage(result, resized, left, top)
  return { result, resized, left, top }
}

/** The bars beside the picture show its outermost pixels drawn out. */
function fill(image: PixelImage, size: Size): PixelImage {
  const { result, resized, left, top } = paste(image, size, containedSize(image, size))
  const { width, height } = resized
  const edge = { left: 0, top: 0, right: width, bottom: height }
  if (size.width / size.height < image.width / image.height && top > 0) {
    const bar = { width, height: top }
    pasteImage(result, resizeImage(resized, bar, 'bicubic', { ...edge, bottom: 0 }), 0, 0)
    pasteImage(result, resizeImage(resized, bar, 'bicubic', { ...edge, top: height }), 0, top + height)
  }
  if (size.width / size.height > image.width / image.height && left > 0) {
    const bar = { width: left, height }
    pasteImage(result, resizeImage(resized, bar, 'bicubic', { ...edge, right: 0 }), 0, 0)
    pasteImage(result, resizeImage(resized, bar, 'bicubic', { ...edge, left: width }), left + width, 0)
  }
  return result
}
