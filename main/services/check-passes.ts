/** Whether the chosen model can do what a request asks for beside one run: making larger, a second pass, ControlNets, a refiner. */
import { findLatentMisfit } from '#catalog/detect/latent-scaling'
import { LIMITS, type GenerationRequest } from '#contract/generation'
import type { ModelSummary } from '#contract/models'
import { showValue } from '#contract/parse'
import { hiresSizeOf } from '#contract/passes'
import type { KnownModel } from './check-request.ts'
import { strengthNeeded } from './check-strength.ts'
import { refuse } from './refuse.ts'

/** `models` are all that are there, for the refiner. Throws `invalid-input` naming the field. */
export function checkPasses(request: GenerationRequest, model: KnownModel, models: readonly KnownModel[]): void {
  checkEnlarging(request, model.summary)
  checkHires(request, model.summary)
  checkControls(request, model.summary)
  checkRefiner(request, model, models)
}

/** What a super-resolution model does with a picture leaves no choice. */
function checkEnlarging({ images }: GenerationRequest, { name, features }: ModelSummary): void {
  if (features.includes('super-resolution') && images > 1)
    throw refuse('images', showValue(images), `1: ${name} makes the same picture every time`)
}

function checkHires(request: GenerationRequest, model: ModelSummary): void {
  const { hires, edit, refiner, width, height } = request
  if (hires === undefined) return
  const { name, features, fixedSize } = model
  if (edit !== undefined) throw refuse('hires', 'beside edit', 'only a picture that is made from words alone')
  if (refiner !== undefined) throw refuse('hires', 'beside refiner', 'one of the two')
  if (!features.includes('text-to-image') || fixedSize !== null)
    throw refuse('hires', 'a second pass', `nothing: ${name} cannot make its pictures larger`)
  if (hires.from === 'pixels' && !features.includes('image-to-image'))
    throw refuse('hires.from', 'pixels', `latents: ${name} has no picture encoder`)
  const strength = strengthNeeded({ ...hires, isWhole: true }, request, model)
  if (strength !== null) throw refuse('hires.strength', showValue(hires.strength), strength)
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

function checkRefiner(
  { refiner, edit, scheduler }: GenerationRequest,
  model: KnownModel,
  models: readonly KnownModel[],
): void {
  if (refiner === undefined) return
  if (edit !== undefined) throw refuse('refiner', 'beside edit', 'only a picture that is made from words alone')
  const refiners = models.filter(({ summary }) => summary.problem === null && summary.features.includes('refine'))
  const fitting = refiners.filter(({ latents }) => findLatentMisfit(model.latents, latents) === null)
  const ids = fitting.map(({ summary }) => summary.id)
  const chosen = refiners.find(({ summary }) => summary.id === refiner.model)
  if (chosen === undefined)
    throw refuse('refiner.model', showValue(refiner.model), ids.length === 0 ? 'no refiner is there' : oneOf(ids))
  const misfit = findLatentMisfit(model.latents, chosen.latents)
  if (misfit !== null) {
    const allowed = ids.length === 0 ? `nothing: no refiner fits ${model.summary.name}` : oneOf(ids)
    throw refuse('refiner.model', `${showValue(refiner.model)}, but ${misfit}`, allowed)
  }
  if (!chosen.summary.samplers.includes(scheduler)) {
    const allowed = `a sampler that fits ${chosen.summary.name} too: ${chosen.summary.samplers.join(', ')}`
    throw refuse('scheduler', showValue(scheduler), allowed)
  }
  if (refiner.at <= 0 || refiner.at >= 1)
    throw refuse('refiner.at', showValue(refiner.at), 'more than 0 and less than 1, so that both have something to do')
}

function oneOf(ids: readonly string[]): string {
  return `one of ${ids.join(', ')}`
}
