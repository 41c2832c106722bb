import { describe, expect, it } from 'vitest'
import { toFloat32, toTensor } from '#pipeline/tensor-cast'

describe('numbers for a graph', () => {
  it.each([
    ['float32', [1.5, -2.25]],
    ['float64', [1.5, -2.25]],
    ['float16', [1.5, -2.25]],
    ['int32', [1, -2]],
    ['int64', [1, -2]],
  ] as const)('come back from %s; whole numbers are cut towards zero', (dtype, expected) => {
    expect(Array.from(toFloat32(toTensor([1.5, -2.25], [2], dtype)))).toEqual(expected)
  })

  it('are not copied where nothing has to change', () => {
    const values = Float32Array.of(1, 2)
    expect(toTensor(values, [2], 'float32').data).toBe(values)
  })

  it('are raw bits in half precision, rounded to the nearest', () => {
    expect(toTensor([1, -2, 65504, 1e9, 1 / 3], [5], 'float16').data).toEqual(
      Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x7c00, 0x3555),
    )
  })

  it('must fill the shape', () => {
    expect(() => toTensor([1, 2, 3], [2, 2], 'float32')).toThrow(/\[2, 2\]/)
  })

  it('fill a scalar with one', () => {
    expect(toTensor([7], [], 'int64')).toEqual({ dtype: 'int64', dims: [], data: BigInt64Array.of(7n) })
  })
})
