/** What of a request the schema cannot check: whether the chosen model can do it. Throws `invalid-input` naming the field. */
import { LIMITS, type GenerationRequest } from '#contract/generation'
import type { ModelSummary } from '#contract/models'
import { invalidInput, showValue } from '#contract/parse'
import { checkPasses } from './check-passes.ts'

/** `models` are all that are there. */
export function checkRequest(request: GenerationRequest, model: ModelSummary, models: readonly ModelSummary[]): void {
  checkClipSkip(request, model)
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
