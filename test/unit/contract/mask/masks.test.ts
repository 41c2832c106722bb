import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EDIT_DEFAULTS } from '#contract/edit'
import { toEditMasks } from '#contract/mask/edit-masks'
import { fadeInMask } from '#contract/mask/fade-in'
import { featherMask } from '#contract/mask/feather'
import { anywhereIn, boundsOf, type GreyMask } from '#contract/mask/grey-mask'
import { growGreyMask, growMask, shrinkMask } from '#contract/mask/grow'
import { anyMask, maskOf } from '#test/masks'

/** The definition, pixel by pixel. */
function growSlowly(mask: GreyMask, radius: number): number[] {
  return Array.from(mask.data, (value, i) => {
    const [x, y] = [i % mask.width, Math.floor(i / mask.width)]
    const isReached = mask.data.some((other, j) => {
      const [dx, dy] = [(j % mask.width) - x, Math.floor(j / mask.width) - y]
      return other >= 128 && dx * dx + dy * dy <= radius * radius
    })
    return radius > 0 && isReached ? 255 : value
  })
}

describe('growMask', () => {
  it('reaches exactly the pixels within the radius, at every size and radius', () => {
    fc.assert(
      fc.property(anyMask(14), fc.integer({ min: 0, max: 9 }), (mask, radius) => {
        expect(Array.from(growMask(mask, radius).data)).toEqual(growSlowly(mask, radius))
      }),
      { numRuns: 150 },
    )
  })

  it('makes a disc of a point', () => {
    const grown = growMask(maskOf(['.....', '.....', '..#..', '.....', '.....']), 2)
    expect(maskOf(['..#..', '.###.', '#####', '.###.', '..#..'])).toEqual(grown)
  })
})

describe('growGreyMask', () => {
  it('gives every pixel the highest value within the square around it', () => {
    fc.assert(
      fc.property(anyMask(13), fc.integer({ min: 0, max: 8 }), (mask, radius) => {
        const slowly = Array.from(mask.data, (_, i) => {
          const [x, y] = [i % mask.width, Math.floor(i / mask.width)]
          return Math.max(
            ...Array.from(mask.data).filter((_, j) => {
              const [dx, dy] = [(j % mask.width) - x, Math.floor(j / mask.width) - y]
              return Math.abs(dx) <= radius && Math.abs(dy) <= radius
            }),
          )
        })
        expect(Array.from(growGreyMask(mask, radius).data)).toEqual(slowly)
      }),
      { numRuns: 80 },
    )
  })
})

describe('shrinkMask', () => {
  it('takes back what growing by the same radius adds, and never more than the mask had', () => {
    fc.assert(
      fc.property(anyMask(14), fc.integer({ min: 0, max: 6 }), (mask, radius) => {
        const shrunk = shrinkMask(mask, radius)
        shrunk.data.forEach((value, i) => expect(value).toBeLessThanOrEqual(mask.data[i]))
        const closed = shrinkMask(growMask(mask, radius), radius)
        mask.data.forEach((value, i) => value >= 128 && expect(closed.data[i]).toBeGreaterThanOrEqual(128))
      }),
    )
  })

  it('does not eat a mask that reaches the edge of the picture from there', () => {
    const full = maskOf(['####', '####'])
    expect(shrinkMask(full, 3)).toEqual(full)
  })
})

describe('featherMask', () => {
  it('changes nothing farther than the radius from an edge, and keeps a full mask full', () => {
    fc.assert(
      fc.property(anyMask(16), fc.integer({ min: 0, max: 7 }), (mask, radius) => {
        const soft = featherMask(mask, radius)
        const inSquare = (i: number): number[] =>
          Array.from(mask.data).filter((_, j) => {
            const [dx, dy] = [
              (j % mask.width) - (i % mask.width),
              Math.floor(j / mask.width) - Math.floor(i / mask.width),
            ]
            return Math.abs(dx) <= radius && Math.abs(dy) <= radius
          })
        soft.data.forEach((value, i) => {
          const around = inSquare(i)
          expect(value).toBeGreaterThanOrEqual(Math.min(...around))
          expect(value).toBeLessThanOrEqual(Math.max(...around))
        })
      }),
      { numRuns: 60 },
    )
  })

  it('falls smoothly across an edge', () => {
    const soft = featherMask(maskOf(['########........']), 6)
    const { data } = soft
    for (let x = 1; x < data.length; x++) expect(data[x]).toBeLessThanOrEqual(data[x - 1])
    expect(data[7]).toBeLessThan(255)
    expect(data[8]).toBeGreaterThan(0)
  })
})

describe('fadeInMask', () => {
  it('is nothing outside the mask, and full somewhere in every part of it', () => {
    fc.assert(
      fc.property(anyMask(14), fc.integer({ min: 0, max: 6 }), (mask, ramp) => {
        const faded = fadeInMask(mask, ramp)
        faded.data.forEach((value, i) => expect(value).toBeLessThanOrEqual(mask.data[i]))
        const isPainted = mask.data.some(value => value > 0)
        expect(faded.data.some(value => value > 0)).toBe(isPainted)
      }),
    )
  })

  it('keeps the strength of a line that is thinner than the ramp is long', () => {
    const line = maskOf(['.......', '#######', '.......'])
    expect(fadeInMask(line, 5)).toEqual(line)
  })

  it('rises from the edge to full strength over the ramp', () => {
    const faded = fadeInMask(maskOf(['..##########']), 4)
    expect(Array.from(faded.data)).toEqual([0, 0, 64, 128, 191, 255, 255, 255, 255, 255, 255, 255])
  })
})

describe('toEditMasks', () => {
  it('pastes nothing outside what was painted while the promise is on', () => {
    const options = fc.record({
      grow: fc.integer({ min: 0, max: 9 }),
      feather: fc.integer({ min: 0, max: 9 }),
      pasteErode: fc.integer({ min: 0, max: 4 }),
      pasteBlur: fc.integer({ min: 0, max: 9 }),
    })
    fc.assert(
      fc.property(anyMask(14), options, fc.boolean(), (mask, lengths, maskAsStrength) => {
        const { paste } = toEditMasks(mask, { ...lengths, keepUnmasked: true, maskAsStrength })
        const most = maskAsStrength ? anywhereIn(mask) : mask
        paste.data.forEach((value, i) => expect(value).toBeLessThanOrEqual(most.data[i]))
      }),
    )
  })

  it('lets the paste reach into the grown area when the promise is off', () => {
    const mask = maskOf(['.'.repeat(40), `${'.'.repeat(20)}#${'.'.repeat(19)}`, '.'.repeat(40)])
    const { paste } = toEditMasks(mask, { ...EDIT_DEFAULTS, keepUnmasked: false })
    expect(boundsOf(paste)).toEqual({ left: 8, right: 33, top: 0, bottom: 3 })
  })

  it('keeps greys as they are where they are strengths, and pastes all that was painted', () => {
    const painted = { width: 5, height: 1, data: Uint8Array.of(0, 1, 128, 255, 0) }
    const lengths = { grow: 0, feather: 0, pasteErode: 0, pasteBlur: 0 }
    const { denoise, paste } = toEditMasks(painted, { ...lengths, keepUnmasked: true, maskAsStrength: true })
    expect(Array.from(denoise.data)).toEqual([0, 1, 128, 255, 0])
    expect(Array.from(paste.data)).toEqual([0, 255, 255, 255, 0])
  })
})
