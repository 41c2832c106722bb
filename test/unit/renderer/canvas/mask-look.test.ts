import { describe, expect, it } from 'vitest'
import { emptyMask, type GreyMask } from '#contract/mask/grey-mask'
import { wholeBox } from '#canvas/box'
import type { MaskLook } from '#contract/canvas-document'
import { boxOfLook, drawLook } from '#canvas/mask-look'

const TINT = [10, 20, 30] as const

/** A square from 4 to 11 in a picture of 20 x 16. */
function square(): GreyMask {
  const mask = emptyMask(20, 16)
  for (let y = 4; y < 12; y++) mask.data.fill(255, y * 20 + 4, y * 20 + 12)
  return mask
}

/** [red, green, blue, alpha] of a pixel. */
function pixel(mask: GreyMask, look: MaskLook, x: number, y: number): number[] {
  const words = drawLook(mask, look, wholeBox(mask), TINT)
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

  it.each(['tint', 'outline', 'grey'] as const)('as %s drawn in part equals the same part drawn whole', look => {
    const mask = square()
    const whole = drawLook(mask, look, wholeBox(mask), TINT)
    for (let y = 7; y < 10; y++) mask.data.fill(0, y * 20 + 7, y * 20 + 20) // a notch
    const box = boxOfLook(mask, look, { left: 7, top: 7, right: 20, bottom: 10 })
    const part = drawLook(mask, look, box, TINT)
    const width = box.right - box.left
    for (let y = box.top; y < box.bottom; y++) {
      whole.set(part.subarray((y - box.top) * width, (y - box.top + 1) * width), y * 20 + box.left)
    }
    expect(whole).toEqual(drawLook(mask, look, wholeBox(mask), TINT))
  })
})
