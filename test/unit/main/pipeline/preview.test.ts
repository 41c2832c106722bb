import { describe, expect, it } from 'vitest'
import { fitPreview, previewLatents } from '#pipeline/preview'

const MAP = {
  matrix: [
    [0.2, 0, -0.1],
    [0, 0.3, 0.1],
  ],
  bias: [0.5, 0.4, 0.6],
}
const latents = { dims: [1, 2, 6, 8], data: Float32Array.from({ length: 96 }, (_, i) => Math.sin(i * i * 0.37)) }

/** What MAP makes of the latents, each as a square of 4 x 4 pixels in -1..1. */
function decoded(): { dims: number[]; data: Float32Array } {
  const [height, width] = [24, 32]
  const data = Float32Array.from({ length: 3 * height * width }, (_, i) => {
    const colour = Math.floor(i / (height * width))
    const pixel = Math.floor((Math.floor(i / width) % height) / 4) * 8 + Math.floor((i % width) / 4)
    const value = [0, 1].reduce(
      (sum, c) => sum + latents.data[c * 48 + pixel] * MAP.matrix[c]?.[colour],
      MAP.bias[colour],
    )
    return value * 2 - 1
  })
  return { dims: [1, 3, height, width], data }
}

describe('the preview', () => {
  it('is the linear map of every latent, cut to what can be shown', () => {
    const image = previewLatents(
      {
        matrix: [
          [10, 0, 0.5],
          [0, -10, 0],
        ],
        bias: [0, 1, 0.25],
      },
      { dims: [1, 2, 1, 1], data: Float32Array.of(1, 1) },
    )
    expect(image).toEqual({ width: 1, height: 1, data: Uint8Array.of(255, 0, 191) })
  })

  it('is nothing when the map belongs to other latents', () => {
    expect(previewLatents(MAP, { dims: [1, 3, 1, 1], data: new Float32Array(3) })).toBeNull()
  })

  it('finds the map again from latents and their picture', () => {
    const fitted = fitPreview(latents, decoded())
    for (const [c, row] of MAP.matrix.entries()) {
      for (const [colour, value] of row.entries()) expect(fitted.matrix[c]?.[colour]).toBeCloseTo(value, 2)
    }
    for (const [colour, value] of MAP.bias.entries()) expect(fitted.bias[colour]).toBeCloseTo(value, 2)
  })

  it('can be fitted to latents that do not vary', () => {
    const flat = fitPreview({ dims: [1, 2, 6, 8], data: new Float32Array(96) }, decoded())
    expect(flat.matrix.flat().every(Number.isFinite)).toBe(true)
  })
})
