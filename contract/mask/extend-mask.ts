/** The mask of a picture that is painted on beyond its edges: the new border is masked whole. */
import type { Extend } from '../edit.ts'
import type { Size } from './crop-region.ts'
import { emptyMask, type GreyMask } from './grey-mask.ts'

const PAINTED = 255

/** The border is painted with `overlap` pixels of the picture along it, and inside it what was painted before. */
export function extendMask(size: Size, painted: GreyMask | null, extend: Extend, overlap: number): GreyMask {
  const mask = borderMask(size, extend)
  const reach = (by: number): number => (by > 0 ? overlap : 0)
  const [left, right] = [reach(extend.left), size.width - reach(extend.right)]
  const [top, bottom] = [reach(extend.top), size.height - reach(extend.bottom)]
  for (let y = 0; y < size.height; y++) {
    const start = (y + extend.top) * mask.width + extend.left
    const row = mask.data.subarray(start, start + size.width)
    if (painted !== null) row.set(painted.data.subarray(y * size.width, (y + 1) * size.width))
    if (y < top || y >= bottom) row.fill(PAINTED)
    row.fill(PAINTED, 0, Math.min(left, size.width))
    row.fill(PAINTED, Math.max(right, 0))
  }
  return mask
}

/** White where the border is, black where the picture lies. */
export function borderMask({ width, height }: Size, { left, top, right, bottom }: Extend): GreyMask {
  const mask = emptyMask(width + left + right, height + top + bottom)
  mask.data.fill(PAINTED)
  for (let y = top; y < top + height; y++) mask.data.fill(0, y * mask.width + left, y * mask.width + left + width)
  return mask
}
