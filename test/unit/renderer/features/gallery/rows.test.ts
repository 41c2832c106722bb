import { expect, test } from 'vitest'
import { gridShape, moveInGrid } from '../../../../../renderer/features/gallery/rows.ts'

test('cells share the width that is left over', () => {
  expect(gridShape(360, 168, 8)).toEqual({ columns: 2, cell: 176 })
  expect(gridShape(100, 168, 8)).toEqual({ columns: 1, cell: 100 })
  expect(gridShape(0, 168, 8).columns).toBe(1)
})

test('arrows move inside the grid and stay at its edges', () => {
  expect(moveInGrid(4, 'ArrowUp', 3, 8)).toBe(1)
  expect(moveInGrid(1, 'ArrowUp', 3, 8)).toBe(1)
  expect(moveInGrid(5, 'ArrowDown', 3, 8)).toBe(5)
  expect(moveInGrid(7, 'ArrowRight', 3, 8)).toBe(7)
  expect([moveInGrid(4, 'Home', 3, 8), moveInGrid(4, 'End', 3, 8)]).toEqual([0, 7])
})
