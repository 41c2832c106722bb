/** The settings that an axis can go through with this model and this form: what would change nothing is not offered. Pure. */
import type { GenerationInput, SchedulerId } from '#contract/generation'
import type { ModelSummary } from '#contract/models'
import { DISTILLED_SAMPLERS } from '#contract/samplers'
import { CHOICE_FIELDS, NUMBER_FIELDS, TEXT_FIELDS, type AxisField } from './grid.ts'

export function availableAxes(
  model: ModelSummary | null,
  input: GenerationInput,
  { scheduler }: { scheduler: SchedulerId },
): AxisField[] {
  const canEnlarge =
    input.edit === undefined &&
    input.refiner === undefined &&
    model?.fixedSize === null &&
    model.features.includes('text-to-image')
  const conditions: Partial<Record<AxisField, boolean>> = {
    negativePrompt: (input.negativePrompt ?? '') !== '',
    clipSkip: (model?.maxClipSkip ?? 0) > 0,
    width: model?.fixedSize === null,
    height: model?.fixedSize === null,
    'hires.scale': canEnlarge,
    'hires.strength': canEnlarge && input.hires !== undefined,
    'hires.steps': canEnlarge && input.hires !== undefined,
    'edit.strength': input.edit !== undefined,
    'refiner.at': input.refiner !== undefined,
    'controls.scale': (input.controls?.length ?? 0) > 0,
    guidance: model?.guidance !== 'none',
    trueGuidance: model !== null && model.guidance !== 'two-sided',
    originalSteps: DISTILLED_SAMPLERS.includes(scheduler),
    vae: (model?.vaes.length ?? 0) > 0,
  }
  const all: AxisField[] = ['none', ...TEXT_FIELDS, ...NUMBER_FIELDS, ...CHOICE_FIELDS]
  return all.filter(field => conditions[field] !== false)
}
