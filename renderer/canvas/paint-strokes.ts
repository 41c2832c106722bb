/**
 * Painting with a colour, on a layer of its own. Within one stroke a place takes the brush's strongest share c only once:
 * where the share rises from c0 to c1, the rest e = (c1 - c0) / (1 - c0) is laid over (Porter & Duff 1984, "over"), so
 * that 1 - (1 - c0)(1 - e) = c1. Rubbing out takes the same shares away from the opacity.
 */
import type { Size } from './box.ts'
import type { Strokes } from './document.ts'
import { eachCovered, type Brush, type StrokePoint } from './paint.ts'
import { TILE, columnsOf } from './tiles.ts'

/** Red, green and blue, 0..255. */
export type Colour = readonly [number, number, number]

export interface ColourStroke {
  paint(strokes: Strokes, from: StrokePoint, to: StrokePoint, brush: Brush): void
}

/** `colour` null rubs out. */
export function createColourStroke(size: Size, colour: Colour | null): ColourStroke {
  const coverage = createCoverage(size)
  return {
    paint(strokes, from, to, brush) {
      eachCovered(strokes, from, to, brush, (x, y, share) => {
        const rest = coverage.raise(x, y, share * brush.opacity)
        if (rest === 0) return
        const at = (y * strokes.width + x) * 4
        if (colour === null) rubOut(strokes.data, at, rest)
        else layOn(strokes.data, at, colour, rest)
      })
    },
  }
}

/** Where nothing is left, no colour is left either: such a pixel is as if it had never been painted. */
function rubOut(data: Uint8Array, at: number, share: number): void {
  const left = Math.round((data[at + 3] ?? 0) * (1 - share))
  if (left === 0) data.fill(0, at, at + 4)
  else data[at + 3] = left
}

function layOn(data: Uint8Array, at: number, colour: Colour, share: number): void {
  const under = ((data[at + 3] ?? 0) / 255) * (1 - share)
  for (let c = 0; c < 3; c++) {
    data[at + c] = Math.round((share * (colour[c] ?? 0) + under * (data[at + c] ?? 0)) / (share + under))
  }
  data[at + 3] = Math.round((share + under) * 255)
}

/** How much of each pixel the stroke has covered: squares are made where it goes. */
function createCoverage({ width }: Size) {
  const squares = new Map<number, Float32Array>()
  const columns = columnsOf(width)
  let known = -1
  let square: Float32Array = new Float32Array(0)

  return {
    /** What is left to lay on so that the pixel is covered by `share`; 0 when it is already. */
    raise(x: number, y: number, share: number): number {
      const index = Math.floor(y / TILE) * columns + Math.floor(x / TILE)
      if (index !== known) {
        square = squares.get(index) ?? new Float32Array(TILE * TILE)
        squares.set(index, square)
        known = index
      }
      const at = (y % TILE) * TILE + (x % TILE)
      const before = square[at] ?? 0
      if (share <= before) return 0
      square[at] = share
      return (share - before) / (1 - before)
    },
  }
}

/** What is seen where strokes lie on the picture. */
export function colourUnderStrokes(under: Colour, strokes: Strokes | null, x: number, y: number): Colour {
  if (strokes === null) return under
  const at = (y * strokes.width + x) * 4
  const share = (strokes.data[at + 3] ?? 0) / 255
  const mix = (c: 0 | 1 | 2): number => Math.round(share * (strokes.data[at + c] ?? 0) + (1 - share) * under[c])
  return [mix(0), mix(1), mix(2)]
}

export function toHex(colour: Colour): string {
  return `#${colour.map(value => value.toString(16).padStart(2, '0')).join('')}`
}

/** "#rrggbb"; null for anything else. */
export function fromHex(text: string): Colour | null {
  const parts = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text)
  if (parts === null) return null
  const value = (i: number): number => Number.parseInt(parts[i] ?? '', 16)
  return [value(1), value(2), value(3)]
}
