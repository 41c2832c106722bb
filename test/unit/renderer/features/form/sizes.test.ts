import { expect, test } from 'vitest'
import { ASPECTS, renderedSize, sizeForAspect } from '../../../../../renderer/features/form/sizes.ts'

test('shapes near the trained area fall on the grid of the model', () => {
  expect(sizeForAspect(1, 128 * 128, 32)).toEqual({ height: 128, width: 128 })
  expect(sizeForAspect(3 / 4, 128 * 128, 32)).toEqual({ height: 128, width: 96 })
  expect(sizeForAspect(16 / 9, 1024 * 1024, 64)).toEqual({ height: 768, width: 1344 })
})

test.each([8, 32, 64, 128])(
  'every shape is on the grid of %i and inside the limits, turned one way and the other',
  step => {
    for (const area of [64 * 64, 128 * 128, 512 * 512, 1024 * 1024]) {
      for (const { ratio } of ASPECTS) {
        const { height, width } = sizeForAspect(ratio, area, step)
        expect([height % step, width % step]).toEqual([0, 0])
        expect(Math.min(height, width)).toBeGreaterThanOrEqual(64)
        expect(Math.sign(width - height)).toBe(width === height ? 0 : Math.sign(ratio - 1))
      }
    }
  },
)

test('a size off the grid is rendered at the next one that holds it', () => {
  expect(renderedSize({ height: 100, width: 129 }, 32)).toEqual({ height: 128, width: 160 })
  expect(renderedSize({ height: 128, width: 64 }, 64)).toEqual({ height: 128, width: 64 })
})
