/** Between bytes and the autoencoder's pictures: [rows, 3, height, width] in -1..1. Rounding is numpy's, half to even. */
import type { RgbImage } from './preview.ts'
import type { Size } from './latents.ts'
import type { FloatTensor } from './tensor.ts'

const { fround } = Math

/** Row `row` of a decoded picture, its middle `size` when that is smaller than the picture. */
export function toRgbImage(image: FloatTensor, row: number, size: Size): RgbImage {
  const [, channels, height, width] = image.dims
  const top = Math.floor((height - size.height) / 2)
  const left = Math.floor((width - size.width) / 2)
  const data = new Uint8ClampedArray(size.height * size.width * 3) // clamps, and rounds half to even
  for (let colour = 0; colour < 3; colour++) {
    const plane = (row * channels + colour) * height
    for (let y = 0, target = colour; y < size.height; y++) {
      const start = (plane + top + y) * width + left
      for (let source = start; source < start + size.width; source++, target += 3) {
        data[target] = fround(fround(fround(image.data[source] / 2) + 0.5) * 255)
      }
    }
  }
  return { width: size.width, height: size.height, data: new Uint8Array(data.buffer) }
}

/** Bytes -> 2 x / 255 - 1, as one row. */
export function fromRgbImage({ width, height, data }: RgbImage): FloatTensor {
  const plane = height * width
  const values = new Float32Array(3 * plane)
  for (let pixel = 0; pixel < plane; pixel++) {
    for (let colour = 0; colour < 3; colour++)
      values[colour * plane + pixel] = fround(2 * fround(data[pixel * 3 + colour] / 255)) - 1
  }
  return { dims: [1, 3, height, width], data: values }
}
