import { describe, expect, it } from 'vitest'
import { fromRgbImage, toRgbImage } from '#pipeline/pixels'

describe('pixels', () => {
  it('come back from the autoencoder range as the bytes that went in', () => {
    const data = Uint8Array.from({ length: 256 * 3 }, (_, i) => i % 256)
    const image = { width: 32, height: 8, data }
    expect(toRgbImage(fromRgbImage(image), 0, { height: 8, width: 32 })).toEqual(image)
  })

  it('are cut to the middle of what was rendered', () => {
    const rendered = {
      dims: [2, 3, 4, 6],
      data: Float32Array.from({ length: 144 }, (_, i) => ((i % 24) / 255) * 2 - 1),
    }
    const image = toRgbImage(rendered, 1, { height: 2, width: 3 })
    expect(image).toMatchObject({ width: 3, height: 2 })
    expect(Array.from(image.data.filter((_, i) => i % 3 === 0))).toEqual([7, 8, 9, 13, 14, 15])
  })

  it('are clamped', () => {
    const rendered = { dims: [1, 3, 1, 1], data: Float32Array.of(-9, 9, 0) }
    expect(Array.from(toRgbImage(rendered, 0, { height: 1, width: 1 }).data)).toEqual([0, 255, 128])
  })
})
