/** A picture divided into about square cells, for masking by cells: with arrow keys and Enter, or by clicking them. */
import type { Box } from '#contract/mask/grey-mask'
import type { Point, Size } from './box.ts'

export const CELLS = { min: 2, max: 32 } as const

export interface Grid {
  columns: number
  rows: number
}

export interface Cell {
  column: number
  row: number
}

/** `cells` along the longer side. */
export function gridOf({ width, height }: Size, cells: number): Grid {
  const along = (side: number): number => Math.max(1, Math.round((cells * side) / Math.max(width, height)))
  return { columns: along(width), rows: along(height) }
}

/** The cell at a point; the nearest one for a point beside the picture. */
export function cellAt({ x, y }: Point, size: Size, { columns, rows }: Grid): Cell {
  const index = (at: number, side: number, count: number): number =>
    Math.min(count - 1, Math.max(0, Math.floor((at / side) * count)))
  return { column: index(x, size.width, columns), row: index(y, size.height, rows) }
}

export function boxOfCell({ column, row }: Cell, { width, height }: Size, { columns, rows }: Grid): Box {
  const edge = (i: number, side: number, count: number): number => Math.round((i * side) / count)
  return {
    left: edge(column, width, columns),
    top: edge(row, height, rows),
    right: edge(column + 1, width, columns),
    bottom: edge(row + 1, height, rows),
  }
}
