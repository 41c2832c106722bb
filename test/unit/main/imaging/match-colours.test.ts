import { describe, expect, it } from 'vitest'
import { matchColours } from '#imaging/match-colours'
import type { PixelImage } from '#imaging/pixel-image'

const [width, height] = [64, 48]

function image(colour: (x: number, y: number, channel: number) => number): PixelImage {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3)
    return colour(pixel % width, Math.floor(pixel / width), i % 3)
  })
  return { width, height, channels: 3, data }
}

const isPasted = (x: number, y: number): boolean => x >= 20 && x < 44 && y >= 16 && y < 32
const paste = {
  width,
  height,
  data: Uint8Array.from({ length: width * height }, (_, i) => (isPasted(i % width, Math.floor(i / width)) ? 255 : 0)),
}

function largestDifference(a: PixelImage, b: PixelImage): number {
  return a.data.reduce((largest, value, i) => {
    const pixel = Math.floor(i / 3)
    return paste.data[pixel] === 0 ? largest : Math.max(largest, Math.abs(value - b.data[i]))
  }, 0)
}

describe('colours matched at the seam', () => {
  const old = image((x, y, c) => 100 + x + (y >> 1) - 10 * c)

  it('take back a tint of the whole', () => {
    const tinted = image((x, y, c) => 100 + x + (y >> 1) - 10 * c + [12, -7, 3][c])
    expect(largestDifference(matchColours(tinted, old, paste), old)).toBe(0)
  })

  it('take back a brightness that grows from one side to the other', () => {
    const lit = image((x, y, c) => 100 + x + (y >> 1) - 10 * c + Math.round(x / 4))
    expect(largestDifference(lit, old)).toBeGreaterThan(8)
    expect(largestDifference(matchColours(lit, old, paste), old)).toBeLessThanOrEqual(3)
  })

  it('leave the details of what was painted', () => {
    const pattern = (x: number, y: number): number => (isPasted(x, y) && (x + y) % 2 === 0 ? 30 : 0)
    const painted = image((x, y, c) => 90 + x + (y >> 1) - 10 * c + pattern(x, y))
    const wanted = image((x, y, c) => 100 + x + (y >> 1) - 10 * c + pattern(x, y))
    expect(largestDifference(matchColours(painted, old, paste), wanted)).toBe(0)
  })

  it('take no notice of what became another thing beside the seam', () => {
    const grown = image((x, y, c) => (x < 20 ? 5 : 108 + x + (y >> 1) - 10 * c)) // dark to the left of the paste
    expect(largestDifference(matchColours(grown, old, paste), old)).toBe(0)
    const other = image(() => 0)
    expect(
      matchColours(
        other,
        image(() => 200),
        paste,
      ),
    ).toEqual(other)
  })

  it('never leave the range of a byte', () => {
    const white = matchColours(
      image(() => 250),
      image((x, y) => (isPasted(x, y) ? 0 : 255)),
      paste,
    )
    expect(white.data[(24 * width + 30) * 3]).toBe(255)
    const dark = matchColours(
      image((x, y) => (isPasted(x, y) ? 3 : 10)),
      image(() => 0),
      paste,
    )
    expect(dark.data[(24 * width + 30) * 3]).toBe(0)
  })

  it('change nothing where there is nothing beside the paste', () => {
    const everything = { width, height, data: new Uint8Array(width * height).fill(255) }
    expect(
      matchColours(
        old,
        image(() => 0),
        everything,
      ),
    ).toEqual(old)
  })
})
