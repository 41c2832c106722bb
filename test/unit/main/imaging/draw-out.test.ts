import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDrawnOut } from '#imaging/draw-out'
import { extendImage } from '#imaging/extend'
import { emptyImage, type PixelImage } from '#imaging/pixel-image'

/** Blue above, green below, as a sky over a lawn. */
function landscape(width: number, height: number): PixelImage {
  const image = emptyImage(width, height, 3)
  for (let pixel = 0; pixel < width * height; pixel++) {
    image.data.set(pixel < (width * height) / 2 ? [120, 180, 250] : [60, 150, 50], pixel * 3)
  }
  return image
}

function colourAt(image: PixelImage, x: number, y: number): number[] {
  const colour = new Float64Array(3)
  createDrawnOut(image)(x, y, colour)
  return Array.from(colour, Math.round)
}

describe('a picture drawn out', () => {
  it('goes on as it is at the edge: a sky as sky, a lawn as lawn', () => {
    const image = landscape(128, 96)
    expect(colourAt(image, 128 + 40, 10)).toEqual([120, 180, 250])
    expect(colourAt(image, -40, 90)).toEqual([60, 150, 50])
    expect(colourAt(image, 64, 96 + 30)).toEqual([60, 150, 50])
  })

  it('begins with the very pixels of the edge', () => {
    const image = landscape(30, 20)
    for (let i = 0; i < image.data.length; i++) image.data[i] = (i * 37) % 256
    expect(colourAt(image, 30, 7)).toEqual([...image.data.subarray((7 * 30 + 29) * 3, (7 * 30 + 30) * 3)])
    expect(colourAt(image, 4, -1)).toEqual([...image.data.subarray(4 * 3, 5 * 3)])
  })

  it('shows no line of the edge as a streak far away', () => {
    const image = landscape(64, 64)
    image.data.fill(255, (16 * 64 + 63) * 3, (16 * 64 + 64) * 3)
    const [near, far] = [64, 64 + 50].map(x => colourAt(image, x, 16)[0] ?? 0)
    expect([near, (far ?? 0) - 120 < 5]).toEqual([255, true])
  })
})

it('an extended picture keeps its bytes inside, and outside is opaque and made of its colours', () => {
  const side = fc.integer({ min: 1, max: 24 })
  const reach = fc.integer({ min: 0, max: 40 })
  const sides = fc.record({ left: reach, top: reach, right: reach, bottom: reach })
  fc.assert(
    fc.property(
      side,
      side,
      sides,
      fc.constantFrom(3 as const, 4 as const),
      fc.nat(),
      (width, height, extend, channels, seed) => {
        const image = emptyImage(width, height, channels)
        for (let i = 0; i < image.data.length; i++)
          image.data[i] = channels === 4 && i % 4 === 3 ? 255 : 40 + ((i * 31 + seed) % 100)
        const extended = extendImage(image, extend)
        expect([extended.width, extended.height]).toEqual([
          width + extend.left + extend.right,
          height + extend.top + extend.bottom,
        ])
        for (let y = 0; y < extended.height; y++) {
          for (let x = 0; x < extended.width; x++) {
            const pixel = extended.data.subarray(
              (y * extended.width + x) * channels,
              (y * extended.width + x + 1) * channels,
            )
            const [column, row] = [x - extend.left, y - extend.top]
            if (column >= 0 && row >= 0 && column < width && row < height) {
              expect([...pixel]).toEqual([
                ...image.data.subarray((row * width + column) * channels, (row * width + column + 1) * channels),
              ])
            } else {
              expect(pixel.subarray(0, 3).every(value => value >= 40 && value < 140)).toBe(true)
              if (channels === 4) expect(pixel[3]).toBe(255)
            }
          }
        }
      },
    ),
    { numRuns: 30 },
  )
})
