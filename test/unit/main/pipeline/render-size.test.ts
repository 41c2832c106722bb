import { describe, expect, it } from 'vitest'
import { renderSize } from '#pipeline/render-size'

describe('the size that is rendered', () => {
  it.each([
    [{ height: 64, width: 128 }, 32, { height: 64, width: 128 }],
    [{ height: 72, width: 104 }, 32, { height: 96, width: 128 }],
    [{ height: 520, width: 1000 }, 64, { height: 576, width: 1024 }],
  ])('of %j in steps of %i is the next one: %j', (asked, sizeMultiple, expected) => {
    expect(renderSize(asked, { sizeMultiple, fixedSize: null })).toEqual(expected)
  })

  it('of graphs with a fixed size is that size', () => {
    expect(renderSize({ height: 64, width: 72 }, { sizeMultiple: 8, fixedSize: { height: 64, width: 96 } })).toEqual({
      height: 64,
      width: 96,
    })
  })

  it('cannot be more than a fixed size', () => {
    const limits = { sizeMultiple: 8, fixedSize: { height: 64, width: 96 } }
    expect(() => renderSize({ height: 72, width: 96 }, limits)).toThrow(/height is 72; allowed: at most 64/)
  })
})
