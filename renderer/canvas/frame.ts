/**
 * The frame: the part that is generated. It may reach beyond the picture, which then grows to hold it; and it may cut the
 * picture, of which then only that part is rendered. Lengths are whole pixels of the picture.
 */
import { EDIT_LIMITS, type Edit, type Extend } from '#contract/edit'
import type { Box } from '#contract/mask/grey-mask'
import { isSameBox, moveBox, SIDES, wholeBox, type Size } from './box.ts'

export const MIN_FRAME = 8

/** How far the frame reaches beyond each side of the picture. */
export function extendOf(frame: Box, { width, height }: Size): Extend {
  return {
    left: Math.max(0, -frame.left),
    top: Math.max(0, -frame.top),
    right: Math.max(0, frame.right - width),
    bottom: Math.max(0, frame.bottom - height),
  }
}

/** The picture after it has grown, in pixels of the picture as it is. */
export function grownBox({ width, height }: Size, { left, top, right, bottom }: Extend): Box {
  return { left: -left, top: -top, right: width + right, bottom: height + bottom }
}

/** What the frame means to the engine, whose area counts from the corner of the grown picture; null: all of it. */
function placeOf(frame: Box, picture: Size): Pick<Edit, 'extend' | 'area'> {
  const extend = extendOf(frame, picture)
  if (isSameBox(frame, grownBox(picture, extend))) return { extend, area: null }
  return { extend, area: moveBox(frame, extend.left, extend.top) }
}

export interface Drawn {
  picture: Size
  frame: Box
  isMasked: boolean
  isSketched: boolean
}

/**
 * Where an edit of what was drawn takes place; null when nothing was drawn. A mask says what changes; without one a frame
 * beyond the picture changes the new border, one that cuts it all of its inside, and strokes the whole picture.
 */
export function placeEdit({ picture, frame, isMasked, isSketched }: Drawn): Pick<Edit, 'extend' | 'area'> | null {
  const place = placeOf(frame, picture)
  if (isMasked || isExtended(place.extend) || place.area !== null) return place
  return isSketched ? { ...place, area: wholeBox(picture) } : null
}

export function isExtended(extend: Extend): boolean {
  return SIDES.some(side => extend[side] > 0)
}

export function isWholePicture(frame: Box, picture: Size): boolean {
  return isSameBox(frame, wholeBox(picture))
}

/** A frame that the engine takes: whole pixels, no smaller than a few, no further out than the limit, and on the picture. */
export function limitFrame(frame: Box, { width, height }: Size): Box {
  const within = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, Math.round(value)))
  const { max } = EDIT_LIMITS.extend
  const [least, lowest] = [Math.min(MIN_FRAME, width), Math.min(MIN_FRAME, height)]
  const left = within(frame.left, -max, width - least)
  const top = within(frame.top, -max, height - lowest)
  return {
    left,
    top,
    right: within(frame.right, Math.max(left, 0) + least, width + max),
    bottom: within(frame.bottom, Math.max(top, 0) + lowest, height + max),
  }
}

/** The frame drawn out by so many pixels on the sides that are named. */
export function extendFrame(frame: Box, by: Partial<Extend>): Box {
  const { left = 0, top = 0, right = 0, bottom = 0 } = by
  return { left: frame.left - left, top: frame.top - top, right: frame.right + right, bottom: frame.bottom + bottom }
}

/** Around the middle of the picture, `factor` times as wide and high, in steps of `multiple` pixels a side. */
export function zoomedOut({ width, height }: Size, factor: number, multiple: number): Box {
  const reach = (side: number): number => Math.ceil((side * (factor - 1)) / 2 / multiple) * multiple
  const [x, y] = [reach(width), reach(height)]
  return { left: -x, top: -y, right: width + x, bottom: height + y }
}
