/** The magic wand: the connected pixels whose colour is close to the one that was clicked on. Scan-line flood fill. */
import type { Point } from './box.ts'

export interface Pixels {
  width: number
  height: number
  /** RGBA. */
  data: Uint8ClampedArray
}

/** 255 for every pixel that is selected. `tolerance` is the largest difference of a channel, 0..255. */
export function selectByColour({ width, height, data }: Pixels, at: Point, tolerance: number): Uint8Array {
  const selection = new Uint8Array(width * height)
  const [x0, y0] = [Math.floor(at.x), Math.floor(at.y)]
  if (x0 < 0 || y0 < 0 || x0 >= width || y0 >= height) return selection
  const wanted = data.slice((y0 * width + x0) * 4, (y0 * width + x0) * 4 + 4)
  const isLike = (pixel: number): boolean => {
    if (selection[pixel] !== 0) return false
    for (let c = 0; c < 4; c++) {
      if (Math.abs((data[pixel * 4 + c] ?? 0) - (wanted[c] ?? 0)) > tolerance) return false
    }
    return true
  }
  const waiting = [y0 * width + x0]
  for (let seed = waiting.pop(); seed !== undefined; seed = waiting.pop()) {
    if (!isLike(seed)) continue
    const row = Math.floor(seed / width) * width
    let from = seed
    while (from > row && isLike(from - 1)) from--
    let to = seed + 1
    while (to < row + width && isLike(to)) to++
    selection.fill(255, from, to)
    for (const next of [row - width, row + width]) {
      if (next < 0 || next >= width * height) continue
      for (let pixel = from - row + next; pixel < to - row + next; pixel++) {
        const startsRun = pixel === from - row + next || !isLike(pixel - 1)
        if (startsRun && isLike(pixel)) waiting.push(pixel)
      }
    }
  }
  return selection
}
