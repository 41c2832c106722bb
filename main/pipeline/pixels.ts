/** Between bytes and the autoencoder's pictures: [rows, 3, height, width] in -1..1. Rounding is numpy's, half to even. */
import type { RgbImage } from './preview.ts'
import type { Size } from './latents.ts'
import { roundHalfEven } from './schedulers/numbers.ts'
import type { FloatTensor } from './tensor.ts'

const { fround } = Math

/** Row `row` of a decoded picture, its middle `size` when that is smaller than the picture. */
export function toRgbImage(image: FloatTensor, row: number, size: Size): RgbImage {
  const [, channels, height, width] = image.dims
  const top = Math.floor((height - size.height) / 2)
  const left = Math.floor((width - size.width) / 2)
  const data = new Uint8Array(size.height * size.width * 3)
  for (let colour = 0; colour < 3; colour++) {
    const plane = (row * channels + colour) * height
    for (let y = 0; y < size.height; y++) {
      const source = (plane + top + y) * width + left
      const target = y * size.width * 3 + colour
      for (let x = 0; x < size.width; x++) data[target + x * 3] = toByte(image.data[source + x])
    }
  }
  return { width: size.width, height: size.height, data }
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

function toByte(value: number): number {
  const unit = Math.min(Math.max(fround(fround(value / 2) + 0.5), 0), 1)
  return roundHalfEven(fround(unit * 255))
}
