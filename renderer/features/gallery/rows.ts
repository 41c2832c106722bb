/** How a list of pictures falls into rows of square cells. */

export interface GridShape {
  columns: number
  cell: number
}

/** As many columns as fit with cells no smaller than wanted; the rest of the width is shared out. */
export function gridShape(width: number, wantedCell: number, gap: number): GridShape {
  const columns = Math.max(1, Math.floor((width + gap) / (wantedCell + gap)))
  return { columns, cell: Math.max(1, (width - gap * (columns - 1)) / columns) }
}

/** Where an arrow key leads in a grid; stays where there is nowhere to go. */
export function moveInGrid(index: number, key: string, columns: number, count: number): number {
  const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }
  if (key === 'Home') return 0
  if (key === 'End') return count - 1
  const next = index + (steps[key] ?? 0)
  return next < 0 || next >= count ? index : next
}
