import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EDIT_LIMITS, type Edit } from '#contract/edit'
import { toEditMasks, type MaskOptions } from '#contract/mask/edit-masks'
import { editRegion, regionRenderSize, sizeOf } from '#contract/mask/edit-region'
import { boundsOf } from '#contract/mask/grey-mask'
import { anyMask } from '#test/masks'

const side = fc.integer({ min: 1, max: 5000 })
const target = fc.record({ width: fc.integer({ min: 8, max: 512 }), height: fc.integer({ min: 8, max: 512 }) })
const margin = fc.integer({ min: 0, max: EDIT_LIMITS.padding.max })

/** A picture of any size, and a box of at least one pixel in it. */
const boxed = fc.record({ width: side, height: side }).chain(picture => {
  const span = (length: number) =>
    fc
      .tuple(fc.integer({ min: 0, max: length - 1 }), fc.integer({ min: 1, max: length }))
      .map(([from, size]) => [from, Math.min(length, from + size)] as const)
  return fc.tuple(span(picture.width), span(picture.height)).map(([[left, right], [top, bottom]]) => ({
    picture,
    box: { left, right, top, bottom },
  }))
})

describe('the part that an edit renders', () => {
  it('lies inside the picture and holds the denoised area with its padding, as far as there is picture', () => {
    fc.assert(
      fc.property(boxed, margin, target, fc.boolean(), ({ picture, box }, padding, size, onlyMasked) => {
        const region = editRegion(box, picture, { area: null, onlyMasked, padding }, size)
        expect(region.left).toBeGreaterThanOrEqual(0)
        expect(region.top).toBeGreaterThanOrEqual(0)
        expect(region.right).toBeLessThanOrEqual(picture.width)
        expect(region.bottom).toBeLessThanOrEqual(picture.height)
        expect(region.left).toBeLessThanOrEqual(Math.max(0, box.left - padding))
        expect(region.top).toBeLessThanOrEqual(Math.max(0, box.top - padding))
        expect(region.right).toBeGreaterThanOrEqual(Math.min(picture.width, box.right + padding))
        expect(region.bottom).toBeGreaterThanOrEqual(Math.min(picture.height, box.bottom + padding))
      }),
      { numRuns: 500 },
    )
  })

  it('has the proportions of the frame, to a pixel, wherever the picture is large enough', () => {
    fc.assert(
      fc.property(boxed, margin, target, ({ picture, box }, padding, size) => {
        const { width, height } = sizeOf(editRegion(box, picture, { area: null, onlyMasked: true, padding }, size))
        const ratio = size.width / size.height
        if (width === picture.width || height === picture.height) return
        expect(Math.min(Math.abs(width - height * ratio), Math.abs(height - width / ratio))).toBeLessThanOrEqual(1)
      }),
      { numRuns: 500 },
    )
  })

  it('is rendered at a size that the graphs can do, with no more pixels than were asked for by one multiple a side', () => {
    fc.assert(
      fc.property(side, side, target, fc.constantFrom(8, 16, 64), (width, height, size, sizeMultiple) => {
        const rendered = regionRenderSize({ width, height }, size, { sizeMultiple, fixedSize: null })
        expect([rendered.width % sizeMultiple, rendered.height % sizeMultiple]).toEqual([0, 0])
        expect(Math.min(rendered.width, rendered.height)).toBeGreaterThanOrEqual(sizeMultiple)
        const most = (rendered.width - sizeMultiple) * (rendered.height - sizeMultiple)
        expect(most).toBeLessThanOrEqual(size.width * size.height)
      }),
      { numRuns: 500 },
    )
  })

  it('covers all that is pasted, at any mask and any lengths', () => {
    const lengths = fc.integer({ min: 0, max: 12 })
    const options: fc.Arbitrary<MaskOptions & Pick<Edit, 'area' | 'padding' | 'onlyMasked' | 'matchColours'>> =
      fc.record({
        area: fc.constant(null),
        grow: lengths,
        feather: lengths,
        pasteErode: lengths,
        pasteBlur: lengths,
        padding: lengths,
        onlyMasked: fc.boolean(),
        keepUnmasked: fc.constant(true),
        maskAsStrength: fc.boolean(),
        matchColours: fc.boolean(),
      })
    fc.assert(
      fc.property(anyMask(40), options, target, (mask, chosen, size) => {
        const { denoise, paste } = toEditMasks(mask, chosen)
        const denoised = boundsOf(denoise)
        fc.pre(denoised !== null)
        const region = editRegion(denoised, mask, chosen, size)
        const pasted = boundsOf(paste) ?? denoised
        expect(pasted.left).toBeGreaterThanOrEqual(region.left)
        expect(pasted.top).toBeGreaterThanOrEqual(region.top)
        expect(pasted.right).toBeLessThanOrEqual(region.right)
        expect(pasted.bottom).toBeLessThanOrEqual(region.bottom)
      }),
      { numRuns: 200 },
    )
  })
})
