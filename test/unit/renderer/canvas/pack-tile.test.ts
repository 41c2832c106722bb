import fc from 'fast-check'
import { expect, it } from 'vitest'
import { bytesOfPacked, packTile, packTileOf, unpackTile, unpackTileInto } from '#canvas/pack-tile'
import { openEditor, drag } from '#test/canvas-hand'

/** Runs and noise by turns, as strokes leave them. */
const square = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 300 }), fc.nat(255), fc.boolean()), { minLength: 1, maxLength: 20 })
  .map(parts =>
    parts.flatMap(([length, value, isRun]) =>
      Array.from({ length }, (_, i) => (isRun ? value : (value + i * 7) % 256)),
    ),
  )

it('gives back every square as it was, of one byte a pixel and of four', () => {
  fc.assert(
    fc.property(square, fc.constantFrom(1, 4), (values, depth) => {
      const bytes = Uint8Array.from(values.slice(0, values.length - (values.length % depth)))
      const packed = packTile(bytes, depth)
      expect(unpackTile(packed, bytes.length, depth)).toEqual(bytes)
      expect(bytesOfPacked(packed)).toBeLessThanOrEqual(bytes.length + Math.ceil(bytes.length / 128))
    }),
  )
})

it('takes less than half of what a soft stroke covers', () => {
  const editor = openEditor(256, 256)
  editor.set({ brush: { size: 30, hardness: 0.8, opacity: 1 } })
  drag(editor, [
    [20, 30],
    [230, 210],
  ])
  const { mask } = editor.document
  const packed = Array.from({ length: 16 }, (_, tile) => packTileOf(mask, tile))
  expect(packed.reduce<number>((sum, tile) => sum + bytesOfPacked(tile), 0)).toBeLessThan(256 * 256 * 0.25)
  const copy = { ...mask, data: new Uint8Array(mask.data.length) }
  packed.forEach((tile, i) => unpackTileInto(copy, i, tile))
  expect(copy.data).toEqual(mask.data)
})

it.each([
  ['too few', Uint8Array.of(129, 7)],
  ['too many', Uint8Array.of(129, 7, 129, 7)],
  ['cut off', Uint8Array.of(129, 7, 100, 1, 2)],
  ['no', new Uint8Array(0)],
])('refuses %s bytes for the square', (_what, packed) => {
  expect(() => unpackTile({ packed }, 200, 1)).toThrow(RangeError)
})
