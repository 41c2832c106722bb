/** Masks for tests: drawn as text, or arbitrary ones of odd sizes with soft values, holes and nothing at all. */
import fc from 'fast-check'
import type { GreyMask } from '#contract/mask/grey-mask'

/** '#' is 255, anything else 0. */
export function maskOf(rows: readonly string[]): GreyMask {
  const width = rows[0].length
  return { width, height: rows.length, data: Uint8Array.from(rows.join(''), sign => (sign === '#' ? 255 : 0)) }
}

/** Sides from 1 to `maxSide`. */
export function anyMask(maxSide: number): fc.Arbitrary<GreyMask> {
  const side = fc.integer({ min: 1, max: maxSide })
  const value = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(0, 255) }, fc.integer({ min: 0, max: 255 }))
  return fc.tuple(side, side).chain(([width, height]) =>
    fc
      .array(fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, value), {
        minLength: width * height,
        maxLength: width * height,
      })
      .map(values => ({ width, height, data: Uint8Array.from(values) })),
  )
}
