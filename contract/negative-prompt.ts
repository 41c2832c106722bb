/** Whether a model can be guided by a negative prompt at all, as a request stands. */
import type { ModelSummary } from './models.ts'

/** Below and at it, guidance by two sides does nothing. */
export const UNGUIDED = 1

/** Networks that were distilled for guidance take it over only where `trueGuidance` asks for a second side. */
export function readsNegativePrompt(
  { guidance }: Pick<ModelSummary, 'guidance'>,
  { trueGuidance }: { trueGuidance?: number | undefined },
): boolean {
  return guidance === 'two-sided' || (trueGuidance ?? UNGUIDED) > UNGUIDED
}
