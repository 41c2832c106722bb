/** What a picture begins with: from words alone or from a picture, whole or in part, in a size that the model can make. */
import type { Edit } from '#contract/edit'
import type { GenerationRequest } from '#contract/generation'
import type { ModelSummary } from '#contract/models'
import { showValue } from '#contract/parse'
import { strengthNeeded } from './check-strength.ts'
import { refuse } from './refuse.ts'

/** Each of them begins with a picture. */
const STARTS = ['image-to-image', 'inpaint', 'instruct', 'upscale', 'super-resolution'] as const
const SIDES = ['left', 'top', 'right', 'bottom'] as const

/** Throws `invalid-input` naming the field. */
export function checkStart(request: GenerationRequest, model: ModelSummary): void {
  const { edit } = request
  if (edit === undefined) checkWords(model)
  else {
    checkPicture(edit, model)
    checkStrength(request, edit, model)
  }
  checkSize(request, model)
}

/** An inpainting network paints everything where nothing is given. */
function checkWords({ name, features }: ModelSummary): void {
  if (features.includes('text-to-image') || features.includes('inpaint')) return
  const need = 'a picture to start from'
  if (features.includes('upscale') || features.includes('super-resolution'))
    throw refuse('edit', 'no picture', `${need}: ${name} makes pictures larger`)
  if (features.includes('instruct')) throw refuse('edit', 'no picture', `${need}: ${name} changes pictures`)
  if (features.includes('image-to-image'))
    throw refuse('edit', 'no picture', `${need}: ${name} finishes pictures that another model began`)
  throw refuse('model', showValue(name), 'another one: it has no picture encoder and makes nothing from words alone')
}

function checkPicture(edit: Edit, { name, features, maxNoiseLevel }: ModelSummary): void {
  if (!STARTS.some(feature => features.includes(feature)))
    throw refuse('edit', 'a picture', `nothing: ${name} cannot start from a picture`)
  if (features.includes('upscale') && edit.noiseLevel > maxNoiseLevel) {
    const allowed = `a whole number from 0 to ${maxNoiseLevel}: ${name} was taught with no more`
    throw refuse('edit.noiseLevel', showValue(edit.noiseLevel), allowed)
  }
  if (features.includes('inpaint')) return
  const whole = features.includes('upscale') || features.includes('super-resolution') ? 'makes' : 'changes'
  const only = whole === 'makes' ? `${name} makes whole pictures larger` : `${name} changes whole pictures only`
  if (edit.mask !== null) throw refuse('edit.mask', 'a mask', `no mask: ${only}`)
  if (edit.area !== null) throw refuse('edit.area', 'an area', `no area: ${only}`)
  for (const side of SIDES) {
    const pixels = edit.extend[side]
    if (pixels > 0) throw refuse(`edit.extend.${side}`, showValue(pixels), `0: ${only}`)
  }
}

function checkStrength(request: GenerationRequest, edit: Edit, model: ModelSummary): void {
  const { features } = model
  if (!features.includes('image-to-image') && !features.includes('inpaint')) return // others start from noise
  const isPart = edit.mask !== null || edit.area !== null || SIDES.some(side => edit.extend[side] > 0)
  const isWhole = !isPart && features.includes('image-to-image') // an inpainting network repaints under a mask of all
  const allowed = strengthNeeded({ ...edit, steps: request.steps, isWhole }, request, model)
  if (allowed !== null) throw refuse('edit.strength', showValue(edit.strength), allowed)
}

/** Larger than what it was asked for can be cropped; smaller cannot be mended. */
function checkSize(request: GenerationRequest, { name, fixedSize }: ModelSummary): void {
  if (fixedSize === null) return
  const [height, width] = fixedSize
  for (const [side, most] of [['width', width] as const, ['height', height] as const]) {
    if (request[side] > most)
      throw refuse(side, showValue(request[side]), `at most ${most}: the shapes of ${name} are fixed`)
  }
}
