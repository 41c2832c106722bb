/**
 * The edges of a picture in white on black (Canny 1986, "A Computational Approach to Edge Detection"): smoothed by a
 * Gaussian, the gradient by Sobel's operator, only its ridges kept, and of these what is strong or joined to what is.
 *   |g| = sqrt(gx^2 + gy^2)    ridge: |g| >= both neighbours along the gradient's direction, rounded to 45 degrees
 */
import { emptyImage, toGrey, type PixelImage } from './pixel-image.ts'

export interface CannyOptions {
  /** Of the Gaussian, in pixels. */
  sigma: number
  /** Gradients, of at most 1442: below `low` there is no edge, from `high` there is one. */
  low: number
  high: number
}

/** The thresholds are those that ControlNet's annotator takes. */
export const CANNY_DEFAULTS: CannyOptions = { sigma: 1.4, low: 100, high: 200 }

/** RGB of the same size: 255 on edges, 0 elsewhere. */
export function cannyEdges(image: PixelImage, options: CannyOptions = CANNY_DEFAULTS): PixelImage {
  const { width, height } = image
  const smooth = blur(Float32Array.from(toGrey(image).data), width, height, options.sigma)
  const edges = follow(ridges(smooth, width, height), width, height, options)
  const result = emptyImage(width, height, 3)
  for (const [pixel, isEdge] of edges.entries()) if (isEdge === 1) result.data.fill(255, pixel * 3, pixel * 3 + 3)
  return result
}

/** A border pixel goes on for ever. */
function blur(data: Float32Array, width: number, height: number, sigma: number): Float32Array {
  const radius = Math.ceil(3 * sigma)
  const raw = Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)))
  const total = raw.reduce((sum, weight) => sum + weight, 0)
  const weights = raw.map(weight => weight / total)
  const along = (from: Float32Array, length: number, step: number, lines: number, lineStep: number): Float32Array => {
    const to = new Float32Array(from.length)
    for (let line = 0; line < lines; line++) {
      for (let i = 0; i < length; i++) {
        let sum = 0
        for (const [k, weight] of weights.entries()) {
          sum += weight * from[line * lineStep + Math.min(Math.max(i + k - radius, 0), length - 1) * step]
        }
        to[line * lineStep + i * step] = sum
      }
    }
    return to
  }
  return along(along(data, width, 1, height, width), height, width, width, 1)
}

/** The gradient's length where it is the largest across its edge, 0 elsewhere. */
function ridges(grey: Float32Array, width: number, height: number): Float32Array {
  const at = (x: number, y: number): number =>
    grey[Math.min(Math.max(y, 0), height - 1) * width + Math.min(Math.max(x, 0), width - 1)]
  const [length, direction] = [new Float32Array(grey.length), new Uint8Array(grey.length)]
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const right = at(x + 1, y - 1) + 2 * at(x + 1, y) + at(x + 1, y + 1)
      const left = at(x - 1, y - 1) + 2 * at(x - 1, y) + at(x - 1, y + 1)
      const below = at(x - 1, y + 1) + 2 * at(x, y + 1) + at(x + 1, y + 1)
      const above = at(x - 1, y - 1) + 2 * at(x, y - 1) + at(x + 1, y - 1)
      length[i] = Math.hypot(right - left, below - above)
      direction[i] = (Math.round(Math.atan2(below - above, right - left) / (Math.PI / 4)) + 4) % 4
    }
  }
  return keepLargest(length, direction, width, height)
}

/** One step along each of the four directions: across, down right, down, down left. */
const STEPS = [
  [1, 0],
  [1, 1],
  [0, 1],
  [-1, 1],
] as const

/** Of two equal neighbours the one behind is kept, so that an edge between two pixels is one pixel wide. */
function keepLargest(length: Float32Array, direction: Uint8Array, width: number, height: number): Float32Array {
  const at = (x: number, y: number): number => (x < 0 || y < 0 || x >= width || y >= height ? 0 : length[y * width + x])
  return length.map((own, i) => {
    const [x, y] = [i % width, Math.floor(i / width)]
    const [dx, dy] = STEPS[direction[i]]
    return own > at(x + dx, y + dy) && own >= at(x - dx, y - dy) ? own : 0
  })
}

/** Hysteresis: from every strong pixel on through its weak neighbours. */
function follow(ridge: Float32Array, width: number, height: number, { low, high }: CannyOptions): Uint8Array {
  const edges = new Uint8Array(ridge.length)
  const open: number[] = []
  const add = (pixel: number): void => {
    edges[pixel] = 1
    open.push(pixel)
  }
  for (const [pixel, value] of ridge.entries()) {
    if (value < high || edges[pixel] === 1) continue
    add(pixel)
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const [x, y] = [next % width, Math.floor(next / width)]
      for (let ny = Math.max(y - 1, 0); ny <= Math.min(y + 1, height - 1); ny++) {
        for (let nx = Math.max(x - 1, 0); nx <= Math.min(x + 1, width - 1); nx++) {
          const near = ny * width + nx
          if (edges[near] === 0 && ridge[near] >= low) add(near)
        }
      }
    }
  }
  return edges
}
