/**
 * What a canvas is, as plain data: a picture, the mask over it, the strokes painted on it, and the frame that is generated.
 * How it is looked at belongs to the view. Bytes are changed in place, inside gestures only (history.ts).
 */
import { emptyMask, type Box, type GreyMask } from '#contract/mask/grey-mask'
import { wholeBox, type Size } from './box.ts'

/** RGBA of the picture's size, colours not multiplied by their opacity. */
export interface Strokes extends Size {
  data: Uint8Array
}

export interface CanvasDocument {
  /** Names the picture under the mask; what it stands for is the page's business. */
  base: string
  /** Of the picture's size. */
  mask: GreyMask
  /** null until something was painted: four bytes a pixel. */
  strokes: Strokes | null
  /** In pixels of the picture; it may reach beyond it. */
  frame: Box
}

export function createDocument(base: string, { width, height }: Size): CanvasDocument {
  return { base, mask: emptyMask(width, height), strokes: null, frame: wholeBox({ width, height }) }
}

export function emptyStrokes({ width, height }: Size): Strokes {
  return { width, height, data: new Uint8Array(width * height * 4) }
}

export function hasStrokes({ strokes }: Pick<CanvasDocument, 'strokes'>): boolean {
  if (strokes === null) return false
  const { data } = strokes
  const pixels = new Uint32Array(data.buffer, data.byteOffset, data.length / 4) // 0 is where nothing was painted
  for (const pixel of pixels) if (pixel !== 0) return true
  return false
}
