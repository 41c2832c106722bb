/** The brush's size on a slider: even ways are even factors, as one pixel is much at 4 and nothing at 400. */
import { BRUSH_SIZE } from './editor.ts'

const FACTOR = BRUSH_SIZE.max / BRUSH_SIZE.min

/** Whole pixels; `share` is how far along the slider: 0..1. */
export function brushSizeAt(share: number): number {
  return Math.round(BRUSH_SIZE.min * FACTOR ** share)
}

export function shareOfBrushSize(size: number): number {
  return Math.log(size / BRUSH_SIZE.min) / Math.log(FACTOR)
}
