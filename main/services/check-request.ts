/**
 * What of a request the schema cannot check: whether the chosen model can do it. Every refusal that the catalog can give is
 * given here, before the job is queued. Throws `invalid-input` naming field, value and what is allowed.
 */
import type { GenerationRequest } from '#contract/generation'
import type { FoundModel } from '#catalog/find-models'
import { checkPasses } from './check-passes.ts'
import { checkSampling } from './check-sampling.ts'
import { checkStart } from './check-start.ts'

/** What is known of a model before any of it is loaded. */
export type KnownModel = Pick<FoundModel, 'summary' | 'latents'>

/** `models` are all that are there, for the refiner. */
export function checkRequest(request: GenerationRequest, model: KnownModel, models: readonly KnownModel[]): void {
  checkStart(request, model.summary)
  checkSampling(request, model.summary)
  checkPasses(request, model, models)
}
