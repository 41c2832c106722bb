/**
 * A mask on a coarser grid, where a cell takes the highest value that it touches: a stroke of one pixel still frees the
 * latent it lies in. Means would let thin strokes vanish, and what is freed too much is not pasted back anyway.
 */
import { emptyMask, type Box, type GreyMask } from '#contract/mask/grey-mask'

/** The part of `mask` inside `box`, as `columns` x `rows` cells; more cells than pixels repeat them. */
export function coverGrid(mask: GreyMask, box: Box, columns: number, rows: number): GreyMask {
  const grid = emptyMask(columns, rows)
  const [fromX, toX] = cellEdges(box.left, box.right, columns)
  const [fromY, toY] = cellEdges(box.top, box.bottom, rows)
  for (let row = 0; row < rows; row++) {
    for (let y = fromY[row]; y < toY[row]; y++) {
      for (let column = 0; column < columns; column++) {
        const cell = row * columns + column
        for (let x = fromX[column]; x < toX[column]; x++) {
          grid.data[cell] = Math.max(grid.data[cell], mask.data[y * mask.width + x])
        }
      }
    }
  }
  return grid
}

/** Every value as a square of `factor` x `factor`. */
export function enlarge({ width, height, data }: GreyMask, factor: number): GreyMask {
  const large = emptyMask(width * factor, height * factor)
  for (let y = 0; y < large.height; y++) {
    const row = Math.floor(y / factor) * width
    for (let x = 0; x < large.width; x++) large.data[y * large.width + x] = data[row + Math.floor(x / factor)]
  }
  return large
}

/** First pixel of each cell and the one behind its last. */
function cellEdges(from: number, to: number, cells: number): [number[], number[]] {
  const length = to - from
  const edge = (i: number): number => from + (i * length) / cells
  const indices = Array.from({ length: cells }, (_, i) => i)
  return [indices.map(i => Math.floor(edge(i))), indices.map(i => Math.ceil(edge(i + 1)))]
}
