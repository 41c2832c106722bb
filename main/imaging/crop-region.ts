/**
 * The part of a picture that is worth repainting when a mask covers little of it: the mask's bounds, a margin around them,
 * widened to the proportions of the size that the model works at (diffusers' `get_crop_region`, `padding_mask_crop`).
 */
import type { Size } from './fit.ts'
import type { PixelImage } from './pixel-image.ts'
import type { Box } from './resample.ts'

/** Bounds of the pixels that are not 0 in a grey picture; null when all are 0. Right and bottom are exclusive. */
export function boundsOfMask({ width, height, data }: PixelImage): Box | null {
  let [left, top, right, bottom] = [width, height, 0, 0]
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (data[i] === 0) continue
      left = Math.min(left, x)
      right = Math.max(right, x + 1)
      top = Math.min(top, y)
      bottom = y + 1
    }
  }
  return right === 0 ? null : { left, top, right, bottom }
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
