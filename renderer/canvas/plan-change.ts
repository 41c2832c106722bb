/**
 * What an edit will change, before it is made: the denoised area, the part that is rendered and its size. The same maths
 * as the engine's. A large mask is planned at a fraction of its size, so that the page stays fluid; then the plan is
 * exact to that many pixels.
 */
import type { Edit } from '#contract/edit'
import { toEditMasks, type MaskOptions } from '#contract/mask/edit-masks'
import { editRegion, regionRenderSize, sizeOf, type SizeLimits } from '#contract/mask/edit-region'
import { boundsOf, emptyMask, type Box, type GreyMask } from '#contract/mask/grey-mask'
import { clipBox, type Size } from './box.ts'

export interface ChangePlan {
  region: Box
  renderSize: Size
  /** How much of the picture is certain to stay as it is, 0..1. */
  keptShare: number
}

type Options = MaskOptions & Pick<Edit, 'onlyMasked' | 'padding'>

const EXACT_PIXELS = 1_000_000

/** Null when nothing is masked. */
export function planChange(mask: GreyMask, options: Options, target: Size, limits: SizeLimits): ChangePlan | null {
  const bounds = boundsOf(mask)
  const around = bounds && clipBox(widen(bounds, options.grow + options.feather + 1), mask)
  if (around === null) return null
  const { width, height } = sizeOf(around)
  const scale = Math.ceil(Math.sqrt(Math.max(1, (width * height) / EXACT_PIXELS)))
  const { denoise, paste } = toEditMasks(reduce(mask, around, scale), scaled(options, scale))
  const small = boundsOf(denoise)
  if (small === null) return null
  const denoised = {
    left: around.left + small.left * scale,
    top: around.top + small.top * scale,
    right: Math.min(around.right, around.left + small.right * scale),
    bottom: Math.min(around.bottom, around.top + small.bottom * scale),
  }
  const region = editRegion(denoised, mask, options, target)
  const changed = paste.data.filter(value => value > 0).length * scale * scale
  return {
    region,
    renderSize: regionRenderSize(sizeOf(region), target, limits),
    keptShare: Math.max(0, 1 - changed / (mask.width * mask.height)),
  }
}

function widen({ left, top, right, bottom }: Box, by: number): Box {
  return { left: left - by, top: top - by, right: right + by, bottom: bottom + by }
}

function scaled(options: Options, scale: number): Options {
  const shorter = (pixels: number): number => Math.ceil(pixels / scale)
  return {
    ...options,
    grow: shorter(options.grow),
    feather: shorter(options.feather),
    pasteErode: Math.floor(options.pasteErode / scale),
    pasteBlur: shorter(options.pasteBlur),
  }
}

/** The box's part, each pixel the highest of a square, so that nothing painted is lost. */
function reduce(mask: GreyMask, box: Box, scale: number): GreyMask {
  const { width, height } = sizeOf(box)
  const small = emptyMask(Math.ceil(width / scale), Math.ceil(height / scale))
  for (let y = 0; y < height; y++) {
    const from = (box.top + y) * mask.width + box.left
    const to = Math.floor(y / scale) * small.width
    for (let x = 0; x < width; x++) {
      const cell = to + Math.floor(x / scale)
      const value = mask.data[from + x] ?? 0
      if (value > (small.data[cell] ?? 0)) small.data[cell] = value
    }
  }
  return small
}
