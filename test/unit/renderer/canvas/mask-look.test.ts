import { describe, expect, it } from 'vitest'
import { emptyMask, type Box, type GreyMask } from '#contract/mask/grey-mask'
import { wholeBox } from '#canvas/box'
import type { MaskLook } from '#contract/canvas-document'
import { drawLook, reachOfLook } from '#canvas/mask-look'
import { detailFor, type Detail } from '#canvas/tiled-layer'

const TINT = [10, 20, 30] as const

/** A square from 4 to 11 in a picture of 20 x 16. */
function square(): GreyMask {
  const mask = emptyMask(20, 16)
  for (let y = 4; y < 12; y++) mask.data.fill(255, y * 20 + 4, y * 20 + 12)
  return mask
}

function lookOf(mask: GreyMask, look: MaskLook, box: Box, detail?: Detail): Uint32Array {
  return drawLook(mask, look, box, TINT, detail) ?? new Uint32Array((box.right - box.left) * (box.bottom - box.top))
}

/** [red, green, blue, alpha] of a pixel. */
function pixel(mask: GreyMask, look: MaskLook, x: number, y: number): number[] {
  const words = lookOf(mask, look, wholeBox(mask))
  return [...new Uint8Array(words.buffer, (y * mask.width + x) * 4, 4)]
}

describe('how a mask looks', () => {
  it('as a tint is one colour, as strong as the mask', () => {
    const mask = square()
    mask.data[0] = 100
    expect([pixel(mask, 'tint', 5, 5), pixel(mask, 'tint', 0, 0), pixel(mask, 'tint', 2, 2)[3]]).toEqual([
      [10, 20, 30, 140],
      [10, 20, 30, 55],
      0,
    ])
  })

  it('in black and white hides the picture and shows every grey', () => {
    const mask = square()
    mask.data[0] = 100
    expect([pixel(mask, 'grey', 5, 5), pixel(mask, 'grey', 0, 0), pixel(mask, 'grey', 2, 2)]).toEqual([
      [255, 255, 255, 255],
      [100, 100, 100, 255],
      [0, 0, 0, 255],
    ])
  })

  it('as an outline leaves inside and outside to the picture', () => {
    const alphas = [3, 4, 5, 8, 10, 11, 12].map(x => pixel(square(), 'outline', x, 8)[3])
    expect(alphas).toEqual([0, 255, 0, 0, 0, 255, 0])
  })

  it('as an outline closes along the edge of the picture', () => {
    const mask = emptyMask(6, 5)
    mask.data.fill(255)
    expect([pixel(mask, 'outline', 0, 2)[3], pixel(mask, 'outline', 5, 2)[3], pixel(mask, 'outline', 2, 2)[3]]).toEqual(
      [255, 255, 0],
    )
  })

  const notch: Box = { left: 7, top: 7, right: 20, bottom: 10 }
  it.each(['tint', 'outline', 'grey'] as const)('as %s drawn in part equals the same part drawn whole', look => {
    const mask = square()
    const whole = lookOf(mask, look, wholeBox(mask))
    for (let y = notch.top; y < notch.bottom; y++) mask.data.fill(0, y * 20 + notch.left, y * 20 + notch.right)
    const reach = reachOfLook(look)
    const box = { left: 7 - reach, top: 7 - reach, right: 20, bottom: 10 + reach }
    const part = lookOf(mask, look, box)
    const width = box.right - box.left
    for (let y = box.top; y < box.bottom; y++) {
      whole.set(part.subarray((y - box.top) * width, (y - box.top + 1) * width), y * 20 + box.left)
    }
    expect(whole).toEqual(lookOf(mask, look, wholeBox(mask)))
  })

  it('at a quarter of the size has a pixel for every four by four, also where the picture ends within one', () => {
    const mask = emptyMask(10, 6)
    mask.data.fill(255)
    mask.data.fill(0, 0, 40) // the upper four rows
    const words = lookOf(mask, 'grey', { left: 0, top: 0, right: 3, bottom: 2 }, { level: 2, line: 1 })
    expect(Array.from(words, word => word & 0xff)).toEqual([0, 0, 0, 255, 255, 255])
  })

  it('has nothing to draw where nothing is masked, but in black and white the black', () => {
    const mask = emptyMask(20, 16)
    const drawn = (['tint', 'outline', 'grey'] as const).map(
      look => drawLook(mask, look, wholeBox(mask), TINT) === null,
    )
    expect(drawn).toEqual([true, true, false])
  })

  it('as an outline shows dashes of both colours along every edge of a diamond', () => {
    const mask = emptyMask(80, 80)
    for (let y = 0; y < 80; y++) {
      const half = 40 - Math.abs(y - 40)
      mask.data.fill(255, y * 80 + 40 - half, y * 80 + 40 + half)
    }
    const words = lookOf(mask, 'outline', wholeBox(mask))
    const quarters = [0, 40].flatMap(top => [0, 40].map(left => ({ left, top })))
    for (const { left, top } of quarters) {
      const colours = new Set<number>()
      for (let y = top; y < top + 40; y++) for (let x = left; x < left + 40; x++) colours.add(words[y * 80 + x] ?? 0)
      expect([...colours].filter(word => word !== 0)).toHaveLength(2)
    }
  })
})

describe('the resolution at which it is drawn', () => {
  it.each([
    [8, { level: 0, line: 1 }],
    [1, { level: 0, line: 2 }],
    [0.6, { level: 0, line: 3 }],
    [0.5, { level: 1, line: 2 }],
    [0.2, { level: 2, line: 2 }],
    [0.02, { level: 5, line: 2 }],
  ])('is for a scale of %d never less than the screen has', (scale, detail) => {
    expect(detailFor(scale)).toEqual(detail)
    if (scale < 1) expect(scale * 2 ** detail.level).toBeLessThanOrEqual(1)
  })
})
