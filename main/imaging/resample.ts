/**
 * Resizing with an antialiased filter, byte for byte as Pillow's `Image.resize`: a pixel of the result is the weighted
 * mean of the pixels that the filter, stretched by the reduction, covers. Rows first, then columns, rounded to bytes in
 * between; weights in fixed point of 22 bits. Duchon 1979 (Lanczos), Keys 1981 (bicubic, a = -1/2).
 */
import { emptyImage, type PixelImage } from './pixel-image.ts'

const PRECISION_BITS = 22
const HALF = 1 << (PRECISION_BITS - 1)

interface Filter {
  /** Half the width. */
  support: number
  weight(x: number): number
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI)
}

const FILTERS = {
  lanczos: { support: 3, weight: x => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
  bicubic: {
    support: 2,
    weight: signed => {
      const x = Math.abs(signed)
      if (x < 1) return (1.5 * x - 2.5) * x * x + 1
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0
    },
  },
} satisfies Record<string, Filter>
export type FilterName = keyof typeof FILTERS

/** What part of the source becomes the result; `left` = `right` stretches the edge. */
export interface Box {
  left: number
  top: number
  right: number
  bottom: number
}

export function resizeImage(
  image: PixelImage,
  { width, height }: { width: number; height: number },
  filter: FilterName,
  box: Box = { left: 0, top: 0, right: image.width, bottom: image.height },
): PixelImage {
  const asWide = width === image.width && box.left === 0 && box.right === width
  const asHigh = height === image.height && box.top === 0 && box.bottom === height
  const wide = asWide
    ? image
    : resampleRows(image, width, spansOf(FILTERS[filter], image.width, box.left, box.right, width))
  if (asHigh) return wide === image ? { ...image, data: image.data.slice() } : wide
  return resampleColumns(wide, height, spansOf(FILTERS[filter], image.height, box.top, box.bottom, height))
}

/** The source pixels of one target pixel, and their weights in fixed point. */
interface Span {
  first: number
  weights: Int32Array
}

function spansOf(filter: Filter, size: number, from: number, to: number, targetSize: number): Span[] {
  const scale = (to - from) / targetSize
  const stretch = Math.max(scale, 1)
  const reach = filter.support * stretch
  return Array.from({ length: targetSize }, (_, target) => {
    const centre = from + (target + 0.5) * scale
    const first = Math.max(Math.trunc(centre - reach + 0.5), 0)
    const end = Math.min(Math.trunc(centre + reach + 0.5), size)
    const raw = Array.from({ length: end - first }, (_, i) => filter.weight((first + i - centre + 0.5) / stretch))
    return { first, weights: toFixedPoint(raw) }
  })
}

function toFixedPoint(raw: number[]): Int32Array {
  const sum = raw.reduce((total, weight) => total + weight, 0)
  return Int32Array.from(raw, weight => {
    const scaled = (sum === 0 ? weight : weight / sum) * 2 ** PRECISION_BITS
    return Math.trunc(scaled < 0 ? scaled - 0.5 : scaled + 0.5)
  })
}

function resampleRows(
  { width: fromWidth, height, channels, data }: PixelImage,
  width: number,
  spans: Span[],
): PixelImage {
  const result = emptyImage(width, height, channels)
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const { first, weights } = spans[x]
      for (let channel = 0; channel < channels; channel++) {
        let sum = HALF
        let source = (y * fromWidth + first) * channels + channel
        for (let k = 0; k < weights.length; k++, source += channels) sum += data[source] * weights[k]
        result.data[i++] = toByte(sum)
      }
    }
  }
  return result
}

function resampleColumns({ width, channels, data }: PixelImage, height: number, spans: Span[]): PixelImage {
  const result = emptyImage(width, height, channels)
  const stride = width * channels
  for (let y = 0, i = 0; y < height; y++) {
    const { first, weights } = spans[y]
    for (let column = 0; column < stride; column++) {
      let sum = HALF
      let source = first * stride + column
      for (let k = 0; k < weights.length; k++, source += stride) sum += data[source] * weights[k]
      result.data[i++] = toByte(sum)
    }
  }
  return result
}

function toByte(fixedPoint: number): number {
  return Math.min(Math.max(fixedPoint >> PRECISION_BITS, 0), 255)
}
