import { expect, it } from 'vitest'
import { enlargeLatents } from '#pipeline/enlarge-latents'

it('mixes neighbours as torch does, edges going on', () => {
  // interpolate(tensor([[[[0, 1, 4]]]]), size=(1, 6), mode='bilinear')
  const { dims, data } = enlargeLatents({ dims: [1, 1, 1, 3], data: Float32Array.of(0, 1, 4) }, 1, 6)
  expect(dims).toEqual([1, 1, 1, 6])
  expect([...data]).toEqual([0, 0.25, 0.75, 1.75, 3.25, 4])
})

it('keeps planes apart and rows above columns', () => {
  const source = { dims: [1, 2, 2, 1], data: Float32Array.of(0, 8, 100, 108) }
  const { dims, data } = enlargeLatents(source, 4, 2)
  expect(dims).toEqual([1, 2, 4, 2])
  expect([...data]).toEqual([0, 0, 2, 2, 6, 6, 8, 8, 100, 100, 102, 102, 106, 106, 108, 108])
})

it('gives the latents themselves at their own size', () => {
  const source = { dims: [1, 1, 2, 3], data: Float32Array.of(1, -2, 3, -4, 5, -6) }
  expect(enlargeLatents(source, 2, 3)).toEqual(source)
})
