import { expect, test } from 'vitest'
import { aRequest } from '#test/page-stores'
import { findDifferences } from '../../../../../renderer/features/compare/differences.ts'

test('only the settings that differ are listed, in the order of the contract', () => {
  const first = aRequest({ prompt: 'a cat', seed: 1, steps: 4 })
  expect(findDifferences(first, { ...first, seed: 2, prompt: 'a dog', negativePrompt: 'rain' })).toEqual([
    { field: 'prompt', first: 'a cat', second: 'a dog' },
    { field: 'negativePrompt', first: null, second: 'rain' },
    { field: 'seed', first: '1', second: '2' },
  ])
  expect(findDifferences(first, { ...first })).toEqual([])
})

test('a setting that only one of them has is a difference', () => {
  const first = aRequest()
  const { noiseSource: _, ...second } = first
  expect(findDifferences(first, second as typeof first)).toEqual([
    { field: 'noiseSource', first: first.noiseSource, second: null },
  ])
})
