/** Which parts of a request go together; the host refuses what does not (main/services/check-request.ts). */
import type { GenerationInput, SchedulerId } from '#contract/generation'
import type { ModelSummary } from '#contract/models'
import { readsNegativePrompt } from '#contract/negative-prompt'
import { DISTILLED_SAMPLERS } from '#contract/samplers'

/** A second pass and a refiner are for pictures from words alone; with a start picture they are left out. */
export function withoutClashes(input: GenerationInput): GenerationInput {
  if (input.edit === undefined) return input
  const { hires: _hires, refiner: _refiner, ...rest } = input
  return rest
}

/**
 * What is kept in the form for another model or sampler is not sent: a negative prompt where no notice is taken of it, the
 * steps of a distilled model with a sampler that has none. `model` null: not known yet.
 */
export function forModel(
  { negativePrompt = '', originalSteps, ...input }: GenerationInput,
  model: ModelSummary | null,
  { scheduler }: { scheduler: SchedulerId },
): GenerationInput {
  const isRead = negativePrompt !== '' && (model === null || readsNegativePrompt(model, input))
  const isCounted = originalSteps !== undefined && DISTILLED_SAMPLERS.includes(scheduler)
  return {
    ...(model === null ? {} : { model: model.id }),
    ...withoutClashes(input),
    ...(isRead && { negativePrompt }),
    ...(isCounted && { originalSteps }),
  }
}
