/** Whether the chosen model can do what a request asks for beside a plain picture. Throws `invalid-input` naming the field. */
import { LIMITS, type GenerationRequest } from '#contract/generation'
import type { ModelSummary } from '#contract/models'
import { invalidInput, showValue } from '#contract/parse'
import { hiresSizeOf } from '#contract/passes'

/** Each of them begins with a picture. */
const STARTS = ['image-to-image', 'inpaint', 'instruct', 'upscale', 'super-resolution'] as const

/** `models` are all that are there, for the refiner. */
export function checkPasses(request: GenerationRequest, model: ModelSummary, models: readonly ModelSummary[]): void {
  checkEdit(request, model)
  checkEnlarging(request, model)
  checkHires(request, model)
  checkControls(request, model)
  checkRefiner(request, models)
}

function checkEdit({ edit }: GenerationRequest, { name, features }: ModelSummary): void {
  if (edit === undefined) return
  const works = STARTS.filter(f => features.includes(f))
  if (works.length === 0) throw refuse('edit', 'a picture', `nothing: ${name} cannot start from a picture`)
  if (edit.mask !== null && !features.includes('inpaint'))
    throw refuse('edit.mask', 'a mask', `no mask: ${name} changes whole pictures only`)
}

/** What a super-resolution model does with a picture leaves no choice: no part of it, no second version. */
function checkEnlarging({ edit, images }: GenerationRequest, { name, features }: ModelSummary): void {
  if (!features.includes('super-resolution')) return
  if (edit === undefined) throw refuse('edit', 'no picture', `a picture to start from: ${name} makes pictures larger`)
  if (images > 1) throw refuse('images', showValue(images), `1: ${name} makes the same picture every time`)
  if (edit.area !== null) throw refuse('edit.area', 'an area', `no area: ${name} makes whole pictures larger`)
  const sides = Object.entries(edit.extend).filter(([, pixels]) => pixels > 0)
  for (const [side, pixels] of sides)
    throw refuse(`edit.extend.${side}`, showValue(pixels), `0: ${name} makes pictures larger, not wider`)
}

function checkHires({ hires, edit, refiner, width, height }: GenerationRequest, model: ModelSummary): void {
  if (hires === undefined) return
  const { name, features, fixedSize } = model
  if (edit !== undefined) throw refuse('hires', 'beside edit', 'only a picture that is made from words alone')
  if (refiner !== undefined) throw refuse('hires', 'beside refiner', 'one of the two')
  if (!features.includes('text-to-image') || fixedSize !== null)
    throw refuse('hires', 'a second pass', `nothing: ${name} cannot make its pictures larger`)
  if (hires.from === 'pixels' && !features.includes('image-to-image'))
    throw refuse('hires.from', 'pixels', `latents: ${name} has no picture encoder`)
  const larger = hiresSizeOf({ width, height }, hires)
  if (Math.max(larger.width, larger.height) > LIMITS.size.max) {
    const most = Math.floor((LIMITS.size.max / Math.max(width, height)) * 100) / 100
    throw refuse('hires.scale', `${hires.scale}, which makes ${larger.width}x${larger.height}`, `at most ${most}`)
  }
}

function checkControls({ controls = [] }: GenerationRequest, { name, controlNets }: ModelSummary): void {
  for (const [i, { net, start, end }] of controls.entries()) {
    if (!controlNets.includes(net)) {
      const allowed =
        controlNets.length === 0 ? `nothing: ${name} has no ControlNets` : `one of ${controlNets.join(', ')}`
      throw refuse(`controls.${i}.net`, showValue(net), allowed)
    }
    if (start >= end) throw refuse(`controls.${i}.start`, showValue(start), `less than end, which is ${end}`)
  }
}

function checkRefiner({ refiner, edit }: GenerationRequest, models: readonly ModelSummary[]): void {
  if (refiner === undefined) return
  if (edit !== undefined) throw refuse('refiner', 'beside edit', 'only a picture that is made from words alone')
  const refiners = models.filter(({ features, problem }) => problem === null && features.includes('refine'))
  if (refiners.some(({ id }) => id === refiner.model)) return
  const ids = refiners.map(({ id }) => id).join(', ')
  throw refuse('refiner.model', showValue(refiner.model), ids === '' ? 'no refiner is there' : `one of ${ids}`)
}

function refuse(path: string, value: string, allowed: string): Error {
  return invalidInput([{ path, value, allowed }])
}
