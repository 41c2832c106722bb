/**
 * What an edit does around the pipeline: before it, the pictures become a starting image (and a mask) of the render
 * size; after it, what was rendered becomes the picture that is saved. Image to image saves what was rendered; under a
 * mask the rendered region is put back into the source at the source's own resolution.
 */
import type { Edit } from '#contract/edit'
import { AppError } from '#contract/errors'
import type { GenerationRequest } from '#contract/generation'
import { toEditMasks } from '#contract/mask/edit-masks'
import { editRegion, regionRenderSize, sizeOf } from '#contract/mask/edit-region'
import { boundsOf, keepInside, type GreyMask } from '#contract/mask/grey-mask'
import { createNotice, type Notice } from '#contract/notices'
import { invalidInput } from '#contract/parse'
import { fillMasked } from '#imaging/fill-masked'
import { fitImage } from '#imaging/fit'
import { matchColours } from '#imaging/match-colours'
import { cropImage, flatten, pasteBack } from '#imaging/paste-back'
import type { EncodablePicture } from '#imaging/png-encode'
import type { PixelImage } from '#imaging/pixel-image'
import { resizeImage } from '#imaging/resample'
import type { Components } from '#pipeline/components'
import type { Size } from '#pipeline/latents'
import { fromRgbImage, toRgbImage } from '#pipeline/pixels'
import type { Scheduler } from '#pipeline/schedulers/scheduler'
import type { StartingPoint } from '#pipeline/starts/prepare-start'
import type { FloatTensor } from '#pipeline/tensor'
import { coverGrid, enlarge } from './cover-grid.ts'
import { readSources, type EditSources } from './read-sources.ts'

export interface PreparedEdit {
  /** What is rendered. */
  size: Size
  /** For the image of this seed, which decides what a fill of noise looks like. */
  startFrom(seed: number): StartingPoint
  /** Decoded picture, [1, 3, height, width] of the render size -> what is saved. */
  finish(rendered: FloatTensor): EncodablePicture
  /** A picture that controls -> what it shows of what is rendered, of that size. */
  fitControl(picture: PixelImage, size: Size): PixelImage
  notices: Notice[]
}

type Limits = Pick<Components, 'sizeMultiple' | 'fixedSize' | 'autoencoder'>

/** `fullSize` is what the model renders for the request's size; `lowResScheduler` noises what an upscaler makes larger. */
export async function prepareEdit(
  request: GenerationRequest & { edit: Edit },
  folder: string,
  limits: Limits,
  fullSize: Size,
  lowResScheduler: Scheduler | null = null,
): Promise<PreparedEdit> {
  const sources = await readSources(request.edit, folder)
  const { painted } = sources
  if (painted !== null) return repaint(request, sources, painted, limits)
  if (lowResScheduler === null) return changeWhole(request, sources, fullSize)
  return enlargeWhole(request, sources, fullSize, { lowResScheduler, factor: limits.autoencoder.factor })
}

function changeWhole(request: GenerationRequest & { edit: Edit }, sources: EditSources, size: Size): PreparedEdit {
  const { strength, imageGuidance } = request.edit
  const pixels = showWhole(sources, size)
  return finishWhole(request, sources, size, { kind: 'image', pixels, strength, imageGuidance })
}

/** Super-resolution: the model is shown the picture with one pixel a latent. */
function enlargeWhole(
  request: GenerationRequest & { edit: Edit },
  sources: EditSources,
  size: Size,
  { lowResScheduler, factor }: { lowResScheduler: Scheduler; factor: number },
): PreparedEdit {
  const { noiseLevel } = request.edit
  const pixels = showWhole(sources, { height: size.height / factor, width: size.width / factor })
  return finishWhole(request, sources, size, { kind: 'upscale', pixels, noiseLevel, lowResScheduler })
}

function showWhole({ picture }: EditSources, size: Size): FloatTensor {
  return toTensor(fitImage(flatten(picture, WHITE), size, 'crop'))
}

function finishWhole(
  { width, height }: GenerationRequest,
  { picture, notices }: EditSources,
  size: Size,
  start: StartingPoint,
): PreparedEdit {
  const { profile } = picture
  const isFlattened = picture.channels === 4
  return {
    size,
    startFrom: () => start,
    finish: rendered => ({ ...toRgbImage(rendered, 0, { width, height }), profile }),
    fitControl: fitWhole,
    notices: isFlattened ? [...notices, createNotice('source-flattened', {})] : notices,
  }
}

function repaint(
  request: GenerationRequest & { edit: Edit },
  { picture, notices }: EditSources,
  mask: GreyMask,
  limits: Limits,
): PreparedEdit {
  const { edit } = request
  const painted = edit.area === null ? mask : paintedInside(mask, edit.area)
  const masks = toEditMasks(painted, edit)
  const denoised = boundsOf(masks.denoise)
  if (denoised === null) throw new AppError('invalid-input', 'The mask is too faint to repaint anything.')
  const region = editRegion(denoised, painted, edit, limits.fixedSize ?? request)
  const size = regionRenderSize(sizeOf(region), request, limits)
  const { factor } = limits.autoencoder
  const grid = coverGrid(masks.denoise, region, size.width / factor, size.height / factor)
  const freed = enlarge(grid, factor)
  const before = cropImage(flatten(picture, WHITE), region)
  const shown = resizeImage(before, size, 'lanczos')
  return {
    size,
    startFrom: seed => ({
      kind: 'inpaint',
      pixels: toTensor(fillMasked(shown, freed, edit.fill, seed)),
      strength: edit.strength,
      maskAsStrength: edit.maskAsStrength,
      mask: { dims: [1, 1, size.height, size.width], data: Float32Array.from(freed.data, value => value / 255) },
    }),
    finish(rendered) {
      const fresh = resizeImage({ ...toRgbImage(rendered, 0, size), channels: 3 }, sizeOf(region), 'lanczos')
      const pasted = edit.matchColours
        ? matchColours(fresh, before, cropImage({ ...masks.paste, channels: 1 }, region))
        : fresh
      const { profile, channels } = picture
      return { ...pasteBack(picture, pasted, region, masks.paste), channels, profile }
    },
    fitControl: (control, to) =>
      resizeImage(cropImage(resizeImage(control, picture, 'lanczos'), region), to, 'lanczos'),
    notices,
  }
}

function paintedInside(mask: GreyMask, area: NonNullable<Edit['area']>): GreyMask {
  const inside = keepInside(mask, area)
  if (boundsOf(inside) !== null) return inside
  const { left, top, right, bottom } = area
  const allowed = `an area of the picture (${mask.width}x${mask.height}) that holds a part of the mask`
  throw invalidInput([{ path: 'edit.area', value: `${left},${top} to ${right},${bottom}`, allowed }])
}

/** Beside the whole picture: its middle, of the same proportions. */
export function fitWhole(picture: PixelImage, size: Size): PixelImage {
  return fitImage(picture, size, 'crop')
}

const WHITE = 255

function toTensor({ width, height, data }: PixelImage): FloatTensor {
  return fromRgbImage({ width, height, data })
}
