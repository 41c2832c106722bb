/**
 * The colours of a picture drawn out beyond its edges: each place takes the colour of the edge that is nearest to it, the
 * more blurred the further away it is, so that a sky goes on as sky and a lawn as lawn and no line of the edge becomes a
 * streak. Blur by a pyramid of means (Williams 1983, "Pyramidal Parametrics"), between whose levels is interpolated.
 */
import type { PixelImage } from './pixel-image.ts'

interface Level {
  width: number
  height: number
  /** Red, green and blue, one after another. */
  data: Float32Array
}

/** `image` is RGB. (x, y) in its pixels, outside of it; writes three numbers 0..255. */
export function createDrawnOut(image: PixelImage): (x: number, y: number, colour: Float64Array) => void {
  const levels = pyramidOf(image)
  const deepest = levels.length - 1
  return (x, y, colour) => {
    const nearestX = Math.min(Math.max(x, 0), image.width - 1)
    const nearestY = Math.min(Math.max(y, 0), image.height - 1)
    const distance = Math.hypot(x - nearestX, y - nearestY)
    const depth = Math.min(Math.log2(Math.max(1, distance / 2)), deepest)
    const level = Math.floor(depth)
    colour.fill(0)
    addSample(levels[level], nearestX, nearestY, level, 1 - (depth - level), colour)
    if (depth > level) addSample(levels[level + 1], nearestX, nearestY, level + 1, depth - level, colour)
  }
}

/** Between the middles of the four cells around the place, linearly. */
function addSample(level: Level, x: number, y: number, depth: number, weight: number, colour: Float64Array): void {
  const [cellX, cellY] = [(x + 0.5) / 2 ** depth - 0.5, (y + 0.5) / 2 ** depth - 0.5]
  const [left, top] = [Math.floor(cellX), Math.floor(cellY)]
  for (let corner = 0; corner < 4; corner++) {
    const [dx, dy] = [corner & 1, corner >> 1]
    const column = Math.min(Math.max(left + dx, 0), level.width - 1)
    const row = Math.min(Math.max(top + dy, 0), level.height - 1)
    const share = (dx === 1 ? cellX - left : 1 - cellX + left) * (dy === 1 ? cellY - top : 1 - cellY + top)
    const from = (row * level.width + column) * 3
    for (let c = 0; c < 3; c++) colour[c] += weight * share * level.data[from + c]
  }
}

function pyramidOf({ width, height, data }: PixelImage): Level[] {
  const levels: Level[] = [{ width, height, data: Float32Array.from(data) }]
  for (let last = levels[0]; last.width > 1 || last.height > 1; levels.push(last)) last = half(last)
  return levels
}

/** A cell at an odd edge is the mean of what there is of it. */
function half({ width, height, data }: Level): Level {
  const next = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) }
  const means = new Float32Array(next.width * next.height * 3)
  for (let y = 0; y < next.height; y++) {
    const [upper, lower] = [2 * y * width, Math.min(2 * y + 1, height - 1) * width]
    for (let x = 0; x < next.width; x++) {
      const [left, right] = [2 * x, Math.min(2 * x + 1, width - 1)]
      for (let c = 0; c < 3; c++) {
        const sum =
          data[(upper + left) * 3 + c] +
          data[(upper + right) * 3 + c] +
          data[(lower + left) * 3 + c] +
          data[(lower + right) * 3 + c]
        means[(y * next.width + x) * 3 + c] = sum / 4
      }
    }
  }
  return { ...next, data: means }
}
