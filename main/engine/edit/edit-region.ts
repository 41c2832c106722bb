/** Which part of the picture an edit renders, and at what size: decided from sizes and the mask alone. */
import type { Edit } from '#contract/edit'
import { boundsOf, type Box, type GreyMask } from '#contract/mask/grey-mask'
import { cropRegion } from '#imaging/crop-region'
import type { Size } from '#pipeline/latents'
import type { SizeLimits } from '#pipeline/render-size'

/** Null when the mask is empty. */
export function editRegion(denoise: GreyMask, edit: Edit, target: Size): Box | null {
  const bounds = boundsOf(denoise)
  const { width, height } = denoise
  if (bounds === null || !edit.onlyMasked) return bounds && { left: 0, top: 0, right: width, bottom: height }
  return cropRegion(bounds, edit.padding, { width, height }, target)
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
