/**
 * Masks of inpainting, as numbers: 1 is repainted, 0 is kept. diffusers' conventions (VaeImageProcessor with do_binarize,
 * prepare_mask_latents); what a mask looks like as a picture is main/imaging's business.
 */
import type { FloatTensor } from './tensor.ts'

const { floor, fround, min } = Math

/** Grey bytes [height, width] -> [1, 1, height, width] of 0 and 1; 128 and above are repainted. */
export function toMask(grey: Uint8Array, height: number, width: number): FloatTensor {
  const data = new Float32Array(grey.length)
  for (let i = 0; i < data.length; i++) data[i] = grey[i] / 255 >= 0.5 ? 1 : 0
  return { dims: [1, 1, height, width], data }
}

/** The picture with the part to repaint in the middle grey (0 in -1..1): what a model for inpainting is shown. */
export function hideMasked(image: FloatTensor, mask: FloatTensor): FloatTensor {
  const plane = mask.data.length
  const data = image.data.slice()
  for (let i = 0; i < data.length; i++) if (mask.data[i % plane] >= 0.5) data[i] = 0
  return { dims: image.dims, data }
}

/** The source index that torch's nearest interpolation takes for `target`; its scale is float32. */
export function nearestIndex(target: number, from: number, to: number): number {
  return min(floor(fround(target * fround(from / to))), from - 1)
}

/** [rows, channels, h, w] -> [rows, channels, height, width], a value of the source each. */
export function resizeNearest({ dims, data }: FloatTensor, height: number, width: number): FloatTensor {
  const [rows, channels, fromHeight, fromWidth] = dims
  const columns = Int32Array.from({ length: width }, (_, x) => nearestIndex(x, fromWidth, width))
  const resized = new Float32Array(rows * channels * height * width)
  for (let plane = 0, i = 0; plane < rows * channels; plane++) {
    for (let y = 0; y < height; y++) {
      const source = (plane * fromHeight + nearestIndex(y, fromHeight, height)) * fromWidth
      for (let x = 0; x < width; x++) resized[i++] = data[source + columns[x]]
    }
  }
  return { dims: [rows, channels, height, width], data: resized }
}

/** (1 - m) kept + m repainted. `mask` is [1, 1, h, w] and counts for every row and channel; a new array. */
export function blendMasked(kept: Float32Array, repainted: Float32Array, mask: Float32Array): Float32Array {
  const plane = mask.length
  const blended = new Float32Array(repainted.length)
  for (let start = 0; start < blended.length; start += plane) {
    for (let j = 0, i = start; j < plane; j++, i++) {
      blended[i] = fround(fround(1 - mask[j]) * kept[i]) + fround(mask[j] * repainted[i])
    }
  }
  return blended
}
