import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { imageIds, packFillMask, packLatents, shiftOfTokens, unpackLatents } from '#pipeline/flux-latents'

const count = (max: number) => fc.integer({ min: 1, max })

describe('packed latents', () => {
  it('are what was packed when they are unpacked, for any batch and even sides', () => {
    fc.assert(
      fc.property(count(3), count(5), count(6), count(6), (batch, channels, rows, columns) => {
        const dims = [batch, channels, 2 * rows, 2 * columns]
        const size = dims.reduce((product, n) => product * n)
        const plain = { dims, data: Float32Array.from({ length: size }, (_, i) => i) }
        const packed = packLatents(plain)
        expect(packed.dims).toEqual([batch, rows * columns, 4 * channels])
        expect(unpackLatents(packed, 2 * rows, 2 * columns)).toEqual(plain)
      }),
    )
  })

  it('have as many positions as tokens', () => {
    const packed = packLatents({ dims: [1, 16, 4, 10], data: new Float32Array(640) })
    expect(imageIds(2, 5).dims).toEqual([packed.dims[1], 3])
    expect([...imageIds(2, 5).data.slice(-3)]).toEqual([0, 1, 4])
  })
})

describe('packFillMask', () => {
  it('keeps every pixel of the mask, once', () => {
    const mask = { dims: [1, 1, 32, 48], data: Float32Array.from({ length: 32 * 48 }, (_, i) => i) }
    const { dims, data } = packFillMask(mask, 8)
    expect(dims).toEqual([1, 6, 256])
    expect([...data].sort((a, b) => a - b)).toEqual([...mask.data])
  })
})

describe('shiftOfTokens', () => {
  it('goes through the two points that define it', () => {
    const range = { baseTokens: 256, maxTokens: 4096, baseShift: 0.5, maxShift: 1.15 }
    expect(shiftOfTokens(256, range)).toBeCloseTo(0.5, 12)
    expect(shiftOfTokens(4096, range)).toBeCloseTo(1.15, 12)
  })
})
