/** The mask of a picture that is painted on beyond its edges: the new border is masked whole. */
import type { Extend } from '../edit.ts'
import type { Size } from './crop-region.ts'
import { emptyMask, type GreyMask } from './grey-mask.ts'

const PAINTED = 255

/**
 * The border is painted, and inside the picture what was painted before. Along the border `overlap` pixels of the picture
 * are painted ever fainter: over them the new picture goes over into the old one. Faded over the few pixels of an edge
 * alone, every difference of brightness was a line.
 */
export function extendMask(size: Size, painted: GreyMask | null, extend: Extend, overlap: number): GreyMask {
  const mask = borderMask(size, extend)
  const [across, down] = [
    rampsOf(size.width, extend.left > 0, extend.right > 0, overlap),
    rampsOf(size.height, extend.top > 0, extend.bottom > 0, overlap),
  ]
  for (let y = 0; y < size.height; y++) {
    const to = (y + extend.top) * mask.width + extend.left
    for (let x = 0; x < size.width; x++) {
      const before = painted === null ? 0 : (painted.data[y * size.width + x] ?? 0)
      mask.data[to + x] = Math.max(before, across[x] ?? 0, down[y] ?? 0)
    }
  }
  return mask
}

/** Along a side of the picture: from full strength at an end that is painted on, down to 0 after `overlap` pixels. */
function rampsOf(length: number, atStart: boolean, atEnd: boolean, overlap: number): Uint8Array {
  const strength = (distance: number): number => Math.max(0, 1 - (distance + 0.5) / overlap)
  return Uint8Array.from({ length }, (_, i) => {
    if (overlap === 0) return 0
    const nearest = Math.max(atStart ? strength(i) : 0, atEnd ? strength(length - 1 - i) : 0)
    return Math.round(nearest * PAINTED)
  })
}

/** White where the border is, black where the picture lies. */
export function borderMask({ width, height }: Size, { left, top, right, bottom }: Extend): GreyMask {
  const mask = emptyMask(width + left + right, height + top + bottom)
  mask.data.fill(PAINTED)
  for (let y = top; y < top + height; y++) mask.data.fill(0, y * mask.width + left, y * mask.width + left + width)
  return mask
}
