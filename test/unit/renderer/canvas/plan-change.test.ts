import { describe, expect, it } from 'vitest'
import { EDIT_OPTION_DEFAULTS } from '#contract/edit'
import { emptyMask } from '#contract/mask/grey-mask'
import { planChange, type ChangeInput } from '#canvas/plan-change'

const picture = { width: 200, height: 100 }
const whole = { left: 0, top: 0, right: 200, bottom: 100 }
const { extend: _extend, ...defaults } = EDIT_OPTION_DEFAULTS

function input(changes: Partial<ChangeInput> = {}): ChangeInput {
  return {
    mask: emptyMask(picture.width, picture.height),
    frame: whole,
    isSketched: false,
    options: { ...defaults, grow: 0, feather: 0, pasteBlur: 0, overlap: 0 },
    target: { width: 128, height: 128 },
    limits: { sizeMultiple: 8, fixedSize: null },
    ...changes,
  }
}

function maskOf(left: number, top: number, right: number, bottom: number) {
  const mask = emptyMask(picture.width, picture.height)
  for (let y = top; y < bottom; y++) mask.data.fill(255, y * picture.width + left, y * picture.width + right)
  return mask
}

describe('the plan of a change', () => {
  it('is none where nothing was drawn', () => {
    expect(planChange(input())).toBeNull()
  })

  it('tells what is rendered, what stays and what is masked', () => {
    const plan = planChange(input({ mask: maskOf(50, 20, 100, 60) }))
    expect(plan).toMatchObject({
      region: whole,
      renderSize: { width: 184, height: 88 },
      keptShare: 0.9,
      maskedShare: 0.1,
    })
  })

  it('draws what changes and what is only redrawn around it', () => {
    const { options } = input()
    const plan = planChange(input({ mask: maskOf(50, 20, 100, 60), options: { ...options, grow: 5 } }))
    const { box, width, data } = plan?.overlay ?? { box: whole, width: 0, data: new Uint8Array() }
    const at = (x: number, y: number) => data[(y - box.top) * width + x - box.left]
    expect([at(75, 40), at(47, 40), at(44, 40)]).toEqual([2, 1, 0])
  })

  it('masks the border of a frame beyond the picture, and counts from the picture as it is', () => {
    const plan = planChange(input({ frame: { ...whole, left: -50 } }))
    expect(plan).toMatchObject({ region: { ...whole, left: -50 }, keptShare: 0.8, maskedShare: 0 })
    expect(plan?.overlay.box.left).toBe(-50)
  })

  it('changes all inside a frame that cuts the picture, and all of a picture with strokes', () => {
    const frame = { left: 20, top: 20, right: 60, bottom: 45 }
    expect(planChange(input({ frame }))).toMatchObject({ region: frame, keptShare: 0.95 })
    expect(planChange(input({ isSketched: true }))).toMatchObject({ region: whole, keptShare: 0 })
  })

  it('of a large mask is right to a few pixels', () => {
    const mask = emptyMask(4000, 4000)
    mask.data.fill(255, 4000 * 1000, 4000 * 3000)
    const plan = planChange(input({ mask, frame: { left: 0, top: 0, right: 4000, bottom: 4000 } }))
    expect(Math.abs((plan?.keptShare ?? 0) - 0.5)).toBeLessThan(0.01)
    expect(plan?.overlay.data.length).toBeLessThan(1_100_000)
  })
})
