/**
 * The part of a picture that is worth repainting when a mask covers little of it: the mask's bounds, a margin around them,
 * widened to the proportions of the size that the model works at (diffusers' `get_crop_region`, `padding_mask_crop`).
 */
import type { Box } from './grey-mask.ts'

export interface Size {
  width: number
  height: number
}

/** `image` is the whole picture's size, `target` the model's. The region never leaves the picture, even if its proportions suffer. */
export function cropRegion(bounds: Box, margin: number, image: Size, target: Size): Box {
  const left = Math.max(bounds.left - margin, 0)
  const top = Math.max(bounds.top - margin, 0)
  const right = Math.min(bounds.right + margin, image.width)
  const bottom = Math.min(bounds.bottom + margin, image.height)
  const wanted = target.width / target.height
  if ((right - left) / (bottom - top) > wanted) {
    const span = widened(top, bottom, (right - left) / wanted, image.height)
    return { left, right, top: span.from, bottom: span.to }
  }
  const span = widened(left, right, (bottom - top) * wanted, image.width)
  return { top, bottom, left: span.from, right: span.to }
}

/** Grows [from, to] to `length` on both sides, then moves it back inside 0..limit. */
function widened(from: number, to: number, length: number, limit: number): { from: number; to: number } {
  const missing = Math.trunc(length - (to - from))
  const before = Math.floor(missing / 2)
  let [start, end] = [from - before, to + missing - before]
  if (end >= limit) [start, end] = [start - (end - limit), limit]
  if (start < 0) [start, end] = [0, end - start]
  return { from: start, to: Math.min(end, limit) }
}
