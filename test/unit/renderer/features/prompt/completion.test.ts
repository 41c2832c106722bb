import { expect, test } from 'vitest'
import { fittingNames, openNameAt } from '../../../../../renderer/features/prompt/completion.ts'

test('a name is open from its two underlines to the caret', () => {
  expect(openNameAt('a __co', 6)).toEqual({ start: 2, written: 'co' })
  expect(openNameAt('a __', 4)).toEqual({ start: 2, written: '' })
  expect(openNameAt('a __places/in fox', 13)).toEqual({ start: 2, written: 'places/in' })
})

test('a finished name is not open, and one behind it is', () => {
  expect(openNameAt('a __colour__', 12)).toBeNull()
  expect(openNameAt('a __colour__ __an', 17)).toEqual({ start: 13, written: 'an' })
  expect(openNameAt('a __colour__', 8)).toEqual({ start: 2, written: 'colo' })
})

test('words without underlines and names that were left are none', () => {
  expect(openNameAt('a fox', 5)).toBeNull()
  expect(openNameAt('a __co fox', 10)).toBeNull()
  expect(openNameAt('snake_case', 10)).toBeNull()
})

test('names that begin with what is written come before those that contain it', () => {
  const names = ['animals/fox', 'colour', 'fog', 'places']
  expect(fittingNames(names, 'fo')).toEqual(['fog', 'animals/fox'])
  expect(fittingNames(names, '')).toEqual(names)
  expect(fittingNames(names, 'zzz')).toEqual([])
})
