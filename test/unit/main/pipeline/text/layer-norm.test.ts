import { expect, it } from 'vitest'
import { normalizeLayer } from '#pipeline/text/layer-norm'

it('normalises each token over its features, then scales and shifts them', () => {
  const states = { dims: [1, 2, 4], data: Float32Array.of(1, 2, 3, 4, -10, 10, -10, 10) }
  const { dims, data } = normalizeLayer(states, {
    weight: Float32Array.of(1, 1, 2, 2),
    bias: Float32Array.of(0, 0, 0, 1),
  })
  expect(dims).toEqual([1, 2, 4])
  // (x - 2.5) / sqrt(1.25) and x / 10
  const expected = [-1.3416, -0.4472, 2 * 0.4472, 2 * 1.3416 + 1, -1, 1, -2, 3]
  for (const [i, value] of expected.entries()) expect(data[i]).toBeCloseTo(value, 3)
})
