/**
 * Brings what was rendered to the colours of the picture that it will be pasted into:  out(p) = new(p) + d(p),  where d is
 * the difference of the two beside the paste, averaged over cells and drawn in smoothly under it (a coarse form of Perez
 * et al. 2003, "Poisson Image Editing"). It takes a step of brightness or tint from the seam and leaves details alone.
 */
import type { GreyMask } from '#contract/mask/grey-mask'
import { drawIn, type ColourSums } from './draw-in.ts'
import type { PixelImage } from './pixel-image.ts'

/** Side of a cell in pixels: smaller ones would carry details of the old picture into the new one. */
const CELL = 8
/**
 * Of 255. A pixel that differs by more shows another thing than before and says nothing of the tint: counted, it put a
 * glow around what was painted (a dark hat on a pink pig).
 */
const LARGEST_TINT = 32

/** `fresh` and `old` are RGB of one size, `paste` is too: what is not 0 will be pasted. Without anything to compare beside it, a copy. */
export function matchColours(fresh: PixelImage, old: PixelImage, paste: GreyMask): PixelImage {
  const { width, height } = fresh
  const cells = drawIn(differences(fresh, old, paste))
  const data = fresh.data.slice()
  const shift = new Float64Array(3)
  for (let y = 0, pixel = 0; y < height; y++) {
    for (let x = 0; x < width; x++, pixel++) {
      if (paste.data[pixel] === 0) continue
      shiftAt(cells, x, y, shift)
      for (let c = 0; c < 3; c++) {
        data[pixel * 3 + c] = Math.min(Math.max(Math.round(data[pixel * 3 + c] + shift[c]), 0), 255)
      }
    }
  }
  return { ...fresh, data }
}

/** old - new, summed over the cells' pixels that are not pasted and show the same thing. */
function differences(fresh: PixelImage, old: PixelImage, paste: GreyMask): ColourSums {
  const { width, height } = fresh
  const columns = Math.ceil(width / CELL)
  const cells = { width: columns, height: Math.ceil(height / CELL) }
  const sums = new Float32Array(cells.width * cells.height * 4)
  const difference = [0, 0, 0]
  for (let y = 0, pixel = 0; y < height; y++) {
    for (let x = 0; x < width; x++, pixel++) {
      if (paste.data[pixel] !== 0) continue
      const cell = (Math.floor(y / CELL) * columns + Math.floor(x / CELL)) * 4
      for (let c = 0; c < 3; c++) difference[c] = old.data[pixel * 3 + c] - fresh.data[pixel * 3 + c]
      if (difference.some(levels => Math.abs(levels) > LARGEST_TINT)) continue
      for (let c = 0; c < 3; c++) sums[cell + c] += difference[c]
      sums[cell + 3]++
    }
  }
  return { ...cells, sums }
}

/** Between the middles of the four cells around the pixel, linearly. */
function shiftAt({ width, height, sums }: ColourSums, x: number, y: number, shift: Float64Array): void {
  const [cellX, cellY] = [(x + 0.5) / CELL - 0.5, (y + 0.5) / CELL - 0.5]
  const [left, top] = [Math.floor(cellX), Math.floor(cellY)]
  const [shareX, shareY] = [cellX - left, cellY - top]
  shift.fill(0)
  for (let corner = 0; corner < 4; corner++) {
    const [dx, dy] = [corner & 1, corner >> 1]
    const column = Math.min(Math.max(left + dx, 0), width - 1)
    const row = Math.min(Math.max(top + dy, 0), height - 1)
    const cell = (row * width + column) * 4
    const weight = sums[cell + 3]
    if (weight === 0) continue
    const share = (dx === 1 ? shareX : 1 - shareX) * (dy === 1 ? shareY : 1 - shareY)
    for (let c = 0; c < 3; c++) shift[c] += (share * sums[cell + c]) / weight
  }
}
