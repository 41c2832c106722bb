/** What of a request the schema cannot check: whether the chosen model can do it. Throws `invalid-input` naming the field. */
import { LIMITS, SIGMA_SCHEDULES_OF, type GenerationRequest } from '#contract/generation'
import type { ModelSummary } from '#contract/models'
import { invalidInput, showValue } from '#contract/parse'
import { checkPasses } from './check-passes.ts'

/** `models` are all that are there. */
export function checkRequest(request: GenerationRequest, model: ModelSummary, models: readonly ModelSummary[]): void {
  checkClipSkip(request, model)
  checkSampler(request, model)
  checkPasses(request, model, models)
}

function checkClipSkip({ clipSkip }: GenerationRequest, { name, maxClipSkip }: ModelSummary): void {
  if (clipSkip <= maxClipSkip) return
  const allowed =
    maxClipSkip === 0
      ? `${LIMITS.clipSkip.min}: the text encoder of ${name} gives only the states of its last layer`
      : `a whole number from ${LIMITS.clipSkip.min} to ${maxClipSkip}: ${name} has no more layers to leave out`
  throw invalidInput([{ path: 'clipSkip', value: showValue(clipSkip), allowed }])
}

function checkSampler({ scheduler, sigmaSchedule }: GenerationRequest, { name, samplers }: ModelSummary): void {
  if (!samplers.includes(scheduler)) {
    const allowed = `a sampler that fits ${name}: ${samplers.join(', ')}`
    throw invalidInput([{ path: 'scheduler', value: showValue(scheduler), allowed }])
  }
  const spacings = SIGMA_SCHEDULES_OF[scheduler]
  if (spacings.includes(sigmaSchedule)) return
  const allowed = `for ${scheduler}: ${spacings.join(', ')}`
  throw invalidInput([{ path: 'sigmaSchedule', value: showValue(sigmaSchedule), allowed }])
}
