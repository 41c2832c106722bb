import { expect, it } from 'vitest'
import { emptyStrokes } from '#canvas/document'
import { drawStrokes } from '#canvas/strokes-look'

const RED = [255, 0, 0, 255]

function bytesOf(words: Uint32Array | null): number[] | null {
  return words && [...new Uint8Array(words.buffer)]
}

it('shows strokes at their own size byte by byte, and nothing where nothing was painted', () => {
  const strokes = emptyStrokes({ width: 4, height: 2 })
  strokes.data.set(RED, 4 * 5)
  const drawn = bytesOf(drawStrokes(strokes, { left: 0, top: 0, right: 4, bottom: 2 }, 0))
  expect(drawn).toEqual([...strokes.data])
  expect(drawStrokes(strokes, { left: 2, top: 0, right: 4, bottom: 2 }, 0)).toBeNull()
})

it('made smaller mixes opacity, and colours only as far as they are opaque', () => {
  const strokes = emptyStrokes({ width: 2, height: 2 })
  strokes.data.set(RED, 0)
  expect(bytesOf(drawStrokes(strokes, { left: 0, top: 0, right: 1, bottom: 1 }, 1))).toEqual([255, 0, 0, 64])
})
