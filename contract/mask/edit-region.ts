/** Which part of the picture an edit renders, and at what size: decided from sizes and the mask alone. */
import type { Edit } from '../edit.ts'
import { cropRegion, type Size } from './crop-region.ts'
import type { Box } from './grey-mask.ts'

/** What the model's graphs can do. */
export interface SizeLimits {
  sizeMultiple: number
  /** Of graphs with fixed shapes: the only size. */
  fixedSize: Size | null
}

/** `denoised` bounds the area that is denoised, `picture` is the whole; an area that was chosen counts before all else. */
export function editRegion(
  denoised: Box,
  picture: Size,
  { area, onlyMasked, padding }: Pick<Edit, 'area' | 'onlyMasked' | 'padding'>,
  target: Size,
): Box {
  const { width, height } = picture
  if (area !== null) return { ...area, right: Math.min(area.right, width), bottom: Math.min(area.bottom, height) }
  return onlyMasked ? cropRegion(denoised, padding, picture, target) : { left: 0, top: 0, right: width, bottom: height }
}

/**
 * About as many pixels as were asked for, in the region's proportions, each side a multiple that the graphs can do. The
 * region is stretched to it, by less than one multiple.
 */
export function regionRenderSize(region: Size, asked: Size, { sizeMultiple, fixedSize }: SizeLimits): Size {
  if (fixedSize !== null) return fixedSize
  const area = asked.width * asked.height
  const scale = Math.sqrt(area / (region.width * region.height))
  const limit = Math.floor(area / sizeMultiple) // of a very flat region, whose short side is rounded up to one multiple
  const round = (side: number): number =>
    Math.max(1, Math.round(Math.min(side * scale, limit) / sizeMultiple)) * sizeMultiple
  return { width: round(region.width), height: round(region.height) }
}

export function sizeOf({ left, top, right, bottom }: Box): Size {
  return { width: right - left, height: bottom - top }
}
