/** How a picture is denoised: the sampler and its spacing, its steps, what guides it. */
import { LIMITS, SIGMA_SCHEDULES_OF, type GenerationRequest } from '#contract/generation'
import type { ModelSummary } from '#contract/models'
import { readsNegativePrompt, UNGUIDED } from '#contract/negative-prompt'
import { showValue } from '#contract/parse'
import { DISTILLED_SAMPLERS } from '#contract/samplers'
import { refuse } from './refuse.ts'

/** Throws `invalid-input` naming the field. */
export function checkSampling(request: GenerationRequest, model: ModelSummary): void {
  checkClipSkip(request, model)
  checkSampler(request, model)
  checkOriginalSteps(request, model)
  checkGuidance(request, model)
}

function checkClipSkip({ clipSkip }: GenerationRequest, { name, maxClipSkip }: ModelSummary): void {
  if (clipSkip <= maxClipSkip) return
  const allowed =
    maxClipSkip === 0
      ? `${LIMITS.clipSkip.min}: the text encoder of ${name} gives only the states of its last layer`
      : `a whole number from ${LIMITS.clipSkip.min} to ${maxClipSkip}: ${name} has no more layers to leave out`
  throw refuse('clipSkip', showValue(clipSkip), allowed)
}

function checkSampler({ scheduler, sigmaSchedule }: GenerationRequest, { name, samplers }: ModelSummary): void {
  if (!samplers.includes(scheduler))
    throw refuse('scheduler', showValue(scheduler), `a sampler that fits ${name}: ${samplers.join(', ')}`)
  const spacings = SIGMA_SCHEDULES_OF[scheduler]
  if (!spacings.includes(sigmaSchedule))
    throw refuse('sigmaSchedule', showValue(sigmaSchedule), `for ${scheduler}: ${spacings.join(', ')}`)
}

/** LCM takes its steps out of those that the model was taught on; TCD out of all where it is told a number. */
function checkOriginalSteps({ scheduler, steps, originalSteps }: GenerationRequest, model: ModelSummary): void {
  const isDistilled = DISTILLED_SAMPLERS.includes(scheduler)
  if (originalSteps !== undefined && !isDistilled)
    throw refuse('originalSteps', showValue(originalSteps), `only with ${DISTILLED_SAMPLERS.join(' or ')}`)
  if (!isDistilled || (scheduler === 'tcd' && originalSteps !== undefined)) return
  const taught = originalSteps ?? model.originalSteps
  if (steps > taught)
    throw refuse('steps', showValue(steps), `at most ${taught}: ${scheduler} chooses them from so many`)
}

/** What would change nothing is refused where the model makes it so, not where another field has switched it off. */
function checkGuidance(request: GenerationRequest, model: ModelSummary): void {
  const { negativePrompt, trueGuidance } = request
  const { name, guidance } = model
  if (guidance === 'two-sided' && trueGuidance !== undefined)
    throw refuse('trueGuidance', showValue(trueGuidance), `nothing: ${name} is guided by guidance alone`)
  if (negativePrompt === '' || readsNegativePrompt(model, request)) return
  const allowed = `nothing, unless true guidance is above ${UNGUIDED}: ${name} takes no notice of it`
  throw refuse('negativePrompt', showValue(negativePrompt), allowed)
}
