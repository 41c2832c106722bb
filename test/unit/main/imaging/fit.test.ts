import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FIT_MODES, fitImage, toMultiple } from '#imaging/fit'
import { emptyImage, toGrey, type PixelImage } from '#imaging/pixel-image'
import { resizeImage } from '#imaging/resample'

function noisyImage(width: number, height: number, channels: number): PixelImage {
  const data = Uint8Array.from({ length: width * height * channels }, (_, i) => (i * 2654435761) >>> 24)
  return { width, height, channels, data }
}

const side = fc.integer({ min: 1, max: 40 })

describe('resizeImage', () => {
  it('gives a copy at the same size', () => {
    const image = noisyImage(7, 5, 3)
    const copy = resizeImage(image, image, 'lanczos')
    expect(copy).toEqual(image)
    expect(copy.data).not.toBe(image.data)
  })

  it('keeps one colour at any size, with any filter', () => {
    fc.assert(
      fc.property(side, side, side, side, fc.constantFrom('lanczos', 'bicubic'), (w, h, width, height, filter) => {
        const image = { ...emptyImage(w, h, 3), data: new Uint8Array(w * h * 3).fill(137) }
        const resized = resizeImage(image, { width, height }, filter)
        expect(resized.data.length).toBe(width * height * 3)
        expect(resized.data.every(value => value === 137)).toBe(true)
      }),
    )
  })

  it('treats channels alike and apart', () => {
    const colour = noisyImage(31, 17, 3)
    const red = { width: 31, height: 17, channels: 1, data: colour.data.filter((_, i) => i % 3 === 0) }
    const size = { width: 12, height: 20 }
    const resized = resizeImage(colour, size, 'lanczos').data.filter((_, i) => i % 3 === 0)
    expect(resized).toEqual(resizeImage(red, size, 'lanczos').data)
  })
})

describe('fitImage', () => {
  it.each(FIT_MODES)('%s gives exactly the size that was asked for, from any proportions', mode => {
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 60 }), fc.integer({ min: 8, max: 60 }), (width, height) => {
        const fitted = fitImage(noisyImage(width, height, 3), { width: 24, height: 16 }, mode)
        expect([fitted.width, fitted.height, fitted.data.length]).toEqual([24, 16, 24 * 16 * 3])
      }),
    )
  })

  it('fill leaves no bar black', () => {
    const white = { ...emptyImage(40, 10, 3), data: new Uint8Array(1200).fill(255) }
    expect(fitImage(white, { width: 24, height: 32 }, 'fill').data.every(value => value === 255)).toBe(true)
  })
})

describe('toMultiple', () => {
  it('rounds both sides down', () => {
    expect(toMultiple({ height: 45, width: 67 }, 8)).toEqual({ height: 40, width: 64 })
  })
})

describe('toGrey', () => {
  it('weighs the colours as ITU-R 601', () => {
    const image = { width: 3, height: 1, channels: 3, data: Uint8Array.from([255, 0, 0, 0, 255, 0, 0, 0, 255]) }
    expect([...toGrey(image).data]).toEqual([76, 150, 29])
  })
})
