import { expect, test } from 'vitest'
import { brushSizeAt, shareOfBrushSize } from '#canvas/brush-size'
import { BRUSH_SIZE } from '#canvas/editor'

test('the ends of the slider are the smallest and the largest brush, its middle their geometric mean', () => {
  expect([0, 0.5, 1].map(brushSizeAt)).toEqual([BRUSH_SIZE.min, Math.sqrt(BRUSH_SIZE.max), BRUSH_SIZE.max])
})

test('every size has its place on the slider', () => {
  for (let size = BRUSH_SIZE.min; size <= BRUSH_SIZE.max; size += 1) {
    expect(brushSizeAt(shareOfBrushSize(size))).toBe(size)
  }
})
