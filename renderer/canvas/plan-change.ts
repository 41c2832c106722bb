/**
 * What an edit will change, before it is made: the denoised area, the part that is rendered and its size. The same maths
 * as the engine's. A large mask is planned at a fraction of its size, so that the page stays fluid; then the plan is
 * exact to that many pixels.
 */
import type { Edit } from '#contract/edit'
import { toEditMasks } from '#contract/mask/edit-masks'
import { editRegion, regionRenderSize, sizeOf, type SizeLimits } from '#contract/mask/edit-region'
import { extendMask } from '#contract/mask/extend-mask'
import { boundsOf, emptyMask, keepInside, type Box, type GreyMask } from '#contract/mask/grey-mask'
import { clipBox, moveBox, type Size } from './box.ts'
import { isExtended, placeEdit } from './frame.ts'

export interface ChangePlan {
  /** In pixels of the picture as it is; it may reach beyond. */
  region: Box
  renderSize: Size
  /** How much of the picture is certain to stay as it is, 0..1. */
  keptShare: number
  /** How much of it is masked, 0..1. */
  maskedShare: number
  overlay: ChangeOverlay
}

/** What becomes of each part, as a small picture. */
interface ChangeOverlay {
  /** Where it lies, in pixels of the picture as it is. */
  box: Box
  width: number
  height: number
  /** 0 stays, 1 is redrawn by the model but stays in the picture, 2 changes. */
  data: Uint8Array
}

export type ChangeOptions = Omit<Edit, 'source' | 'mask' | 'strokes' | 'extend' | 'area'>
type PlacedOptions = ChangeOptions & Pick<Edit, 'extend' | 'area'>

const EXACT_PIXELS = 1_000_000

export interface ChangeInput {
  mask: GreyMask
  frame: Box
  isSketched: boolean
  options: ChangeOptions
  /** The size that was asked for. */
  target: Size
  limits: SizeLimits
}

/** Null when nothing changes. */
export function planChange({
  mask: painted,
  frame,
  isSketched,
  options: chosen,
  target,
  limits,
}: ChangeInput): ChangePlan | null {
  const isMasked = boundsOf(painted) !== null
  const where = placeEdit({ picture: painted, frame, isMasked, isSketched })
  if (where === null) return null
  const options: PlacedOptions = { ...chosen, ...where }
  const mask = maskOf(painted, isMasked, options)
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
  const region = editRegion(denoised, mask, options, limits.fixedSize ?? target)
  const share = (count: number): number => Math.min(1, (count * scale * scale) / (mask.width * mask.height))
  const { extend } = options
  return {
    region: moveBox(region, -extend.left, -extend.top),
    renderSize: regionRenderSize(sizeOf(region), target, limits),
    keptShare: 1 - share(count(paste.data, value => value > 0)),
    maskedShare: count(painted.data, value => value >= 128) / painted.data.length,
    overlay: {
      box: moveBox(
        { ...around, right: around.left + denoise.width * scale, bottom: around.top + denoise.height * scale },
        -extend.left,
        -extend.top,
      ),
      width: denoise.width,
      height: denoise.height,
      data: denoise.data.map((value, i) => ((paste.data[i] ?? 0) > 0 ? 2 : value > 0 ? 1 : 0)),
    },
  }
}

/** What the engine works with: an area without a mask changes whole, and a border is masked. */
function maskOf(painted: GreyMask, isMasked: boolean, { area, extend, overlap }: PlacedOptions): GreyMask {
  if (isExtended(extend)) {
    const mask = extendMask(painted, painted, extend, overlap)
    return area === null ? mask : keepInside(mask, area)
  }
  if (area === null) return painted
  return keepInside(isMasked ? painted : { ...painted, data: new Uint8Array(painted.data.length).fill(255) }, area)
}

function count(data: Uint8Array, is: (value: number) => boolean): number {
  let found = 0
  for (const value of data) if (is(value)) found += 1
  return found
}

function widen({ left, top, right, bottom }: Box, by: number): Box {
  return { left: left - by, top: top - by, right: right + by, bottom: bottom + by }
}

function scaled(options: PlacedOptions, scale: number): PlacedOptions {
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
