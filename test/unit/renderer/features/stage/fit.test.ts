import { expect, test } from 'vitest'
import { fitPicture, gridColumns } from '../../../../../renderer/features/stage/fit.ts'

test('a small picture is enlarged by a whole number, a large one shrunk to its room', () => {
  expect(fitPicture({ width: 128, height: 96 }, { width: 700, height: 500 })).toEqual({
    width: 640,
    height: 480,
    scale: 5,
  })
  expect(fitPicture({ width: 1000, height: 500 }, { width: 500, height: 500 })).toEqual({
    width: 500,
    height: 250,
    scale: 0.5,
  })
  expect(fitPicture({ width: 128, height: 128 }, { width: 0, height: 0 }).scale).toBe(0)
})

test('in a grid a picture fills its cell', () => {
  expect(fitPicture({ width: 100, height: 100 }, { width: 250, height: 300 }, true).width).toBe(250)
})

test('a grid has the columns that let its pictures stand largest', () => {
  const square = { width: 1, height: 1 }
  expect(gridColumns(4, square, { width: 100, height: 100 })).toBe(2)
  expect(gridColumns(4, square, { width: 400, height: 90 })).toBe(4)
  expect(gridColumns(9, square, { width: 100, height: 110 })).toBe(3)
  expect(gridColumns(1, square, { width: 0, height: 0 })).toBe(1)
})
