/** What is asked of the model to go on from a finished picture: variations, a larger one, a wider one. Pure. */
import { ENLARGE_BY } from '#contract/edit'
import type { ImageRecord } from '#contract/gallery'
import { LIMITS, type GenerationInput } from '#contract/generation'
import type { ModelSummary } from '#contract/models'

/** How much of a second seed's noise is mixed in. */
export const VARY = { subtle: 0.12, strong: 0.35 } as const
export const ZOOM_OUT = { some: 1.5, much: 2 } as const
/** The named step "subtle": the picture stays recognisable. */
export const INPUT_STRENGTH = 0.5
/** The picture stays what it is, and there is room for detail that the small one could not hold. */
const REDRAW_STRENGTH = 0.2
/** Of the sides that a model was trained at; those of 512 pixels and more are used so by everybody's second pass. */
const REDRAW_MOST = { small: 1.5, large: 2 } as const
const LARGE_MODEL = 512
/** Beyond this many times the picture's own sides a model draws things twice; the new border is then enlarged. */
const RENDER_MOST = 1.5

/** The request of the picture without what belongs to how it came about: a second pass, a refiner, an edit. */
function bareRequest({ request }: ImageRecord): GenerationInput {
  const { hires: _hires, refiner: _refiner, edit: _edit, texts: _texts, ...bare } = request
  return bare
}

/** The picture's own seed with the noise of another one mixed in; two columns of them make a square. */
export function toVariations(image: ImageRecord, strength: number, seeds: readonly number[]) {
  return seeds.map((variationSeed, i) => ({
    input: { ...image.request, variationSeed, variationStrength: strength },
    column: i % 2,
    row: Math.floor(i / 2),
    columnLabel: '',
    rowLabel: '',
  }))
}

/** Twice the sides; null where they would be beyond what can be made. */
export function enlargedSize(image: ImageRecord): { width: number; height: number } | null {
  const [width, height] = [toStep(image.width * ENLARGE_BY), toStep(image.height * ENLARGE_BY)]
  return Math.max(width, height) > LIMITS.size.max ? null : { width, height }
}

/**
 * The same where the model paints the picture again; null where it cannot start from one, or would draw so far beyond what it
 * was trained at that things break up: the starter's fox at twice its size has spots for a face at a strength of 0.1 already.
 */
export function redrawnSize(image: ImageRecord, model: ModelSummary | null): { width: number; height: number } | null {
  const size = canStartFromPicture(model) ? enlargedSize(image) : null
  const trainedAt = model?.nativeSize ?? null
  if (size === null || trainedAt === null) return size
  const native = Math.max(...trainedAt)
  const most = native * (native >= LARGE_MODEL ? REDRAW_MOST.large : REDRAW_MOST.small)
  return Math.max(size.width, size.height) <= most ? size : null
}

/** The picture through a network that makes any picture larger; its words stay with it. */
export function toEnlarged(
  image: ImageRecord,
  size: { width: number; height: number },
  source: string,
  network: string,
): GenerationInput {
  const { prompt, seed } = image.request
  return { model: network, prompt, seed, ...size, edit: { source, mask: null } }
}

/** A second pass over the picture itself at twice its sides. `source` is the picture under its content. */
export function toRedrawn(
  image: ImageRecord,
  size: { width: number; height: number },
  source: string,
): GenerationInput {
  return { ...bareRequest(image), ...size, edit: { source, mask: null, strength: REDRAW_STRENGTH } }
}

export function canZoomOut(image: ImageRecord, factor: number, model: ModelSummary | null): boolean {
  if (model?.features.includes('inpaint') !== true) return false
  return Math.max(image.width, image.height) * factor <= LIMITS.size.max
}

/** The picture in the middle of a larger one whose border is made up; the middle stays byte for byte. */
export function toZoomedOut(image: ImageRecord, factor: number, source: string): GenerationInput {
  const [x, y] = [image.width, image.height].map(side => Math.round((side * (factor - 1)) / 2)) as [number, number]
  const render = Math.min(factor, RENDER_MOST)
  return {
    ...bareRequest(image),
    width: toStep(image.width * render),
    height: toStep(image.height * render),
    edit: { source, mask: null, strength: 1, fill: 'blurred', extend: { left: x, right: x, top: y, bottom: y } },
  }
}

function canStartFromPicture(model: ModelSummary | null): boolean {
  return model !== null && model.fixedSize === null && model.features.includes('image-to-image')
}

/** Whether a request can have the picture's own size. */
export function fitsStep({ width, height }: { width: number; height: number }): boolean {
  return [width, height].every(side => side === toStep(side) && side <= LIMITS.size.max)
}

function toStep(side: number): number {
  return Math.max(LIMITS.size.min, Math.floor(side / LIMITS.size.step) * LIMITS.size.step)
}
