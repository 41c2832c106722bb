/** A strength so small that no step would be done. LCM models fit their whole schedule into it where a whole picture is changed. */
import type { GenerationRequest } from '#contract/generation'
import type { ModelSummary } from '#contract/models'
import { DISTILLED_SAMPLERS } from '#contract/samplers'
import { describeLeastStrength, firstStepOf, strengthRoundingOf } from '#contract/strength'

interface Change {
  steps: number
  strength: number
  /** Not under a mask. */
  isWhole: boolean
}

/** What is allowed instead; null: it is enough. */
export function strengthNeeded(
  { steps, strength, isWhole }: Change,
  { scheduler, originalSteps }: Pick<GenerationRequest, 'scheduler' | 'originalSteps'>,
  { guidance, family, originalSteps: ofModel }: ModelSummary,
): string | null {
  const isCompressed = isWhole && guidance === 'embedded' && family !== 'flux'
  if (!isCompressed)
    return firstStepOf(steps, strength, strengthRoundingOf(family)) < steps ? null : describeLeastStrength(steps)
  const isCounted = DISTILLED_SAMPLERS.includes(scheduler) && (scheduler !== 'tcd' || originalSteps === undefined)
  const taught = originalSteps ?? ofModel
  if (!isCounted || Math.trunc(taught * strength) >= steps) return null
  return `at least ${Math.ceil((steps / taught) * 100) / 100} with ${steps} of ${taught} steps`
}
