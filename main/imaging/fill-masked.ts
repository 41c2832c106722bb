/**
 * What a picture shows under its mask before the first step. Pure: noise comes from the seed. `blurred` draws the
 * surroundings in by push and pull (Gortler et al. 1996, "The Lumigraph", section 3.4.1): means of the known pixels on
 * ever coarser grids, and back, each hole taking the mean of the grid above.
 */
import type { Fill } from '#contract/edit'
import type { GreyMask } from '#contract/mask/grey-mask'
import type { PixelImage } from './pixel-image.ts'

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

/** Sums of the known pixels and how many they are, one level of the pyramid. */
interface Level {
  width: number
  height: number
  /** Four numbers a pixel: red, green, blue times weight, and weight. */
  sums: Float32Array
}

function surroundings(image: PixelImage, mask: GreyMask): (pixel: number, channel: number) => number {
  const levels = [firstLevel(image, mask)]
  for (let level = levels[0]; level.width > 1 || level.height > 1; levels.push(level)) level = coarser(level)
  for (let i = levels.length - 2; i >= 0; i--) fillHoles(levels[i], levels[i + 1])
  const { sums } = levels[0]
  return (pixel, channel) => {
    const weight = sums[pixel * 4 + 3]
    return weight === 0 ? MIDDLE_GREY : Math.round(sums[pixel * 4 + channel] / weight)
  }
}

function firstLevel({ width, height, data }: PixelImage, mask: GreyMask): Level {
  const sums = new Float32Array(width * height * 4)
  for (let pixel = 0; pixel < width * height; pixel++) {
    if (mask.data[pixel] >= 128) continue
    sums.set([data[pixel * 3], data[pixel * 3 + 1], data[pixel * 3 + 2], 1], pixel * 4)
  }
  return { width, height, sums }
}

function coarser({ width, height, sums }: Level): Level {
  const half = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) }
  const halfSums = new Float32Array(half.width * half.height * 4)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const to = ((y >> 1) * half.width + (x >> 1)) * 4
      for (let c = 0, from = (y * width + x) * 4; c < 4; c++) halfSums[to + c] += sums[from + c]
    }
  }
  return { ...half, sums: halfSums }
}

/** A pixel that nothing is known of takes the mean of the four coarse ones around it. */
function fillHoles({ width, height, sums }: Level, above: Level): void {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const to = (y * width + x) * 4
      if (sums[to + 3] > 0) continue
      const [wx, wy] = [x % 2 === 0 ? -1 : 1, y % 2 === 0 ? -1 : 1]
      for (const [dx, dy, weight] of [
        [0, 0, 9],
        [wx, 0, 3],
        [0, wy, 3],
        [wx, wy, 1],
      ]) {
        const [ax, ay] = [clamp((x >> 1) + dx, above.width), clamp((y >> 1) + dy, above.height)]
        const from = (ay * above.width + ax) * 4
        const known = above.sums[from + 3]
        if (known === 0) continue
        for (let c = 0; c < 4; c++) sums[to + c] += (weight * above.sums[from + c]) / known
      }
    }
  }
}

function clamp(i: number, length: number): number {
  return Math.min(Math.max(i, 0), length - 1)
}
