import { expect, test } from 'vitest'
import { makeCells } from '../../../../../renderer/features/sweep/grid.ts'

const base = { prompt: 'a fox and a fox', seed: 4, images: 8 }

test('every pair of values is a cell of one picture, row by row, with the words of its edges', () => {
  const cells = makeCells(
    base,
    { field: 'steps', values: [4, 8], name: 'Steps' },
    { field: 'prompt', values: ['fox', 'cat'] },
  )
  expect(cells.map(cell => [cell.row, cell.column, cell.rowLabel, cell.columnLabel])).toEqual([
    [0, 0, 'fox', 'Steps 4'],
    [0, 1, 'fox', 'Steps 8'],
    [1, 0, 'cat', 'Steps 4'],
    [1, 1, 'cat', 'Steps 8'],
  ])
  expect(cells[3]?.input).toEqual({ prompt: 'a cat and a cat', steps: 8, seed: 4, images: 1 })
})

test('what replaces a word is taken as it is, also with signs that mean something to a replacement', () => {
  const [, cell] = makeCells(base, { field: 'prompt', values: ['fox', '$& and $1'] }, { field: 'none' })
  expect(cell?.input.prompt).toBe('a $& and $1 and a $& and $1')
})

test('a chosen sampler is set by its id and shown by its name', () => {
  const values = [{ value: 'euler', label: 'Euler' }]
  const [cell] = makeCells(base, { field: 'none' }, { field: 'scheduler', values })
  expect(cell).toMatchObject({ rowLabel: 'Euler', columnLabel: '', input: { scheduler: 'euler' } })
})
