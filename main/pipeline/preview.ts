/**
 * What the picture will look like, without the decoder: a linear map from latents to RGB, one pixel a latent.
 *   rgb = latent . matrix + bias
 * The map comes from the model's manifest, from values published for well-known autoencoders, or is fitted by least
 * squares to the first picture that was decoded.
 */
import type { LatentPreview } from './model-files.ts'
import type { FloatTensor } from './tensor.ts'

export interface RgbImage {
  width: number
  height: number
  /** Three bytes a pixel. */
  data: Uint8Array
}

/**
 * Maps for the autoencoders of SD 1 / 2 and SDXL, told by their scaling factors (discuss.huggingface.co, "Decoding latents to RGB
 * without upscaling", Kevin Turner 2022; the same fit for SDXL as ComfyUI publishes it). They give -1..1; halved here to 0..1.
 */
const PUBLISHED: readonly { scale: number; channels: number; matrix: readonly (readonly number[])[] }[] = [
  {
    scale: 0.18215,
    channels: 4,
    matrix: [
      [0.298, 0.207, 0.208],
      [0.187, 0.286, 0.173],
      [-0.158, 0.189, 0.264],
      [-0.184, -0.271, -0.473],
    ],
  },
  {
    scale: 0.13025,
    channels: 4,
    matrix: [
      [0.392, 0.4054, 0.4549],
      [-0.2634, -0.0196, 0.0653],
      [0.0568, 0.1687, -0.0755],
      [-0.3112, -0.2359, -0.2076],
    ],
  },
]

export function findPublishedPreview(scale: number, channels: number): LatentPreview | null {
  const known = PUBLISHED.find(entry => entry.scale === scale && entry.channels === channels)
  return known ? { matrix: known.matrix.map(row => row.map(v => v / 2)), bias: [0.5, 0.5, 0.5] } : null
}

/** The first picture of [batch, channels, height, width] latents in scaled space; null when the map is for other channels. */
export function previewLatents({ matrix, bias }: LatentPreview, { dims, data }: FloatTensor): RgbImage | null {
  const [, channels, height, width] = dims
  if (matrix.length !== channels) return null
  const plane = height * width
  const rgb = new Uint8Array(plane * 3)
  for (let pixel = 0; pixel < plane; pixel++) {
    for (let colour = 0; colour < 3; colour++) {
      let value = bias[colour]
      for (let c = 0; c < channels; c++) value += data[c * plane + pixel] * matrix[c][colour]
      rgb[pixel * 3 + colour] = Math.round(Math.min(Math.max(value, 0), 1) * 255)
    }
  }
  return { width, height, data: rgb }
}

/** Against latents that hardly vary, which would make the equations singular. */
const RIDGE = 1e-3

/** Least squares of decoded pixels (averaged over each latent's square) on latents: the normal equations with a small ridge. */
export function fitPreview(latents: FloatTensor, image: FloatTensor): LatentPreview {
  const [, channels, height, width] = latents.dims
  const plane = height * width
  const targets = averageSquares(image, height, width)
  const size = channels + 1
  const feature = (pixel: number, i: number): number => (i === channels ? 1 : latents.data[i * plane + pixel])
  const left = Array.from({ length: size }, (_, i) =>
    Array.from(
      { length: size },
      (_, j) => sumOver(plane, p => feature(p, i) * feature(p, j)) + (i === j ? RIDGE * plane : 0),
    ),
  )
  const right = Array.from({ length: size }, (_, i) =>
    [0, 1, 2].map(colour => sumOver(plane, p => feature(p, i) * targets[colour * plane + p])),
  )
  const solution = solve(left, right)
  return { matrix: solution.slice(0, channels), bias: solution[channels] }
}

/** Decoded -1..1 -> 0..1 at the latents' resolution, [3, height, width]. */
function averageSquares({ dims, data }: FloatTensor, height: number, width: number): Float64Array {
  const [, , imageHeight, imageWidth] = dims
  const side = imageWidth / width
  const averages = new Float64Array(3 * height * width)
  for (let colour = 0; colour < 3; colour++) {
    for (let y = 0; y < imageHeight; y++) {
      const row = colour * height * width + Math.floor(y / side) * width
      for (let x = 0; x < imageWidth; x++) {
        averages[row + Math.floor(x / side)] +=
          (data[(colour * imageHeight + y) * imageWidth + x] / 2 + 0.5) / side ** 2
      }
    }
  }
  return averages
}

function sumOver(count: number, term: (index: number) => number): number {
  let sum = 0
  for (let i = 0; i < count; i++) sum += term(i)
  return sum
}

/** Gaussian elimination with partial pivoting; the matrix is symmetric and, by the ridge, positive definite. */
function solve(left: number[][], right: number[][]): number[][] {
  const rows = left.map((row, i) => [...row, ...right[i]])
  const size = left.length
  for (let column = 0; column < size; column++) {
    const pivot = rows
      .slice(column)
      .reduce((best, row, i) => (Math.abs(row[column]) > Math.abs(rows[best][column]) ? column + i : best), column)
    ;[rows[column], rows[pivot]] = [rows[pivot], rows[column]]
    for (let i = 0; i < size; i++) {
      if (i === column) continue
      const factor = rows[i][column] / rows[column][column]
      for (let j = column; j < rows[i].length; j++) rows[i][j] -= factor * rows[column][j]
    }
  }
  return rows.map((row, i) => row.slice(size).map(value => value / row[i]))
}
