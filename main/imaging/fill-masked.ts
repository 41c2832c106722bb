/**
 * What a picture shows under its mask before the first step. Pure: noise comes from the seed. `blurred` draws the
 * surroundings in.
 */
import type { Fill } from '#contract/edit'
import type { GreyMask } from '#contract/mask/grey-mask'
import type { PixelImage } from './pixel-image.ts'
import { drawIn, type ColourSums } from './draw-in.ts'

const MIDDLE_GREY = 128

/** `image` is RGB; `mask` has its size and decides by half or more. A new picture. */
export function fillMasked(image: PixelImage, mask: GreyMask, fill: Fill, seed: number): PixelImage {
  if (fill === 'original') return image
  const filled = { ...image, data: image.data.slice() }
  const colour = fill === 'blurred' ? surroundings(image, mask) : fill === 'noise' ? noiseOf(seed) : () => MIDDLE_GREY
  for (let pixel = 0; pixel < mask.data.length; pixel++) {
    if (mask.data[pixel] < 128) continue
    for (let c = 0; c < 3; c++) filled.data[pixel * 3 + c] = colour(pixel, c)
  }
  return filled
}

/** Even noise, the same for a seed everywhere: a hash of seed and position (splitmix32's finaliser). */
function noiseOf(seed: number): (pixel: number, channel: number) => number {
  return (pixel, channel) => {
    let h = (Math.imul(pixel * 3 + channel + 1, 0x9e3779b9) ^ (seed % 2 ** 32)) | 0
    h = Math.imul(h ^ (h >>> 16), 0x21f0aaad)
    h = Math.imul(h ^ (h >>> 15), 0x735a2d97)
    return (h ^ (h >>> 15)) & 0xff
  }
}

function surroundings(image: PixelImage, mask: GreyMask): (pixel: number, channel: number) => number {
  const { sums } = drawIn(knownPixels(image, mask))
  return (pixel, channel) => {
    const weight = sums[pixel * 4 + 3]
    return weight === 0 ? MIDDLE_GREY : Math.round(sums[pixel * 4 + channel] / weight)
  }
}

function knownPixels({ width, height, data }: PixelImage, mask: GreyMask): ColourSums {
  const sums = new Float32Array(width * height * 4)
  for (let pixel = 0; pixel < width * height; pixel++) {
    if (mask.data[pixel] >= 128) continue
    sums.set([data[pixel * 3], data[pixel * 3 + 1], data[pixel * 3 + 2], 1], pixel * 4)
  }
  return { width, height, sums }
}
