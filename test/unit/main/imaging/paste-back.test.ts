import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cropImage, flatten, pasteBack } from '#imaging/paste-back'
import { anyMask } from '#test/masks'
import { bytesOf } from '#test/bytes'

const pictures = fc.tuple(anyMask(30), fc.constantFrom(3, 4), fc.nat(), fc.nat(), fc.nat(), fc.nat())

describe('a part that is cut out and put back', () => {
  it('is the picture again, byte for byte, at any box, mask and size', () => {
    fc.assert(
      fc.property(pictures, ([mask, channels, a, b, c, d]) => {
        const { width, height } = mask
        const data = bytesOf(width * height * channels, width + height)
        if (channels === 4) data.forEach((_, i) => i % 4 === 3 && (data[i] = Math.max(1, data[i])))
        const picture = { width, height, channels, data }
        const [left, top] = [a % width, b % height]
        const box = { left, top, right: left + 1 + (c % (width - left)), bottom: top + 1 + (d % (height - top)) }
        const opaque = { width, height, channels: 3, data: data.filter((_, i) => channels === 3 || i % 4 !== 3) }
        const result = pasteBack(picture, cropImage(opaque, box), box, mask)
        expect(Buffer.compare(result.data, data)).toBe(0)
      }),
      { numRuns: 200 },
    )
  })

  it('changes nothing outside of its box and nothing where the mask is 0, whatever is put there', () => {
    fc.assert(
      fc.property(pictures, ([mask, channels, a, b, c, d]) => {
        const { width, height } = mask
        const data = bytesOf(width * height * channels, width)
        const [left, top] = [a % width, b % height]
        const box = { left, top, right: left + 1 + (c % (width - left)), bottom: top + 1 + (d % (height - top)) }
        const size = { width: box.right - left, height: box.bottom - top }
        const region = { ...size, channels: 3, data: bytesOf(size.width * size.height * 3, 99) }
        const { data: after } = pasteBack({ width, height, channels, data }, region, box, mask)
        const changed = data.findIndex((value, i) => {
          const pixel = Math.floor(i / channels)
          const [x, y] = [pixel % width, Math.floor(pixel / width)]
          const isInside = x >= box.left && x < box.right && y >= box.top && y < box.bottom
          return after[i] !== value && (!isInside || mask.data[pixel] === 0)
        })
        expect(changed).toBe(-1)
      }),
      { numRuns: 200 },
    )
  })

  it('keeps the transparency, and shows the new part where nothing was visible', () => {
    const picture = { width: 3, height: 1, channels: 4, data: Uint8Array.of(9, 9, 9, 0, 9, 9, 9, 100, 9, 9, 9, 0) }
    const region = { width: 3, height: 1, channels: 3, data: new Uint8Array(9).fill(200) }
    const mask = { width: 3, height: 1, data: Uint8Array.of(128, 255, 0) }
    const { data } = pasteBack(picture, region, { left: 0, top: 0, right: 3, bottom: 1 }, mask)
    expect(Array.from(data)).toEqual([200, 200, 200, 128, 200, 200, 200, 100, 9, 9, 9, 0])
  })
})

describe('a flattened picture', () => {
  it('lies on the ground where it is transparent', () => {
    const picture = { width: 3, height: 1, channels: 4, data: Uint8Array.of(10, 20, 30, 255, 1, 2, 3, 0, 0, 0, 0, 51) }
    expect(Array.from(flatten(picture, 255).data)).toEqual([10, 20, 30, 255, 255, 255, 204, 204, 204])
  })
})
