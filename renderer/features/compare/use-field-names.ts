/** The settings of a request by the names that the form gives them; what the form does not show keeps its own. */
import { useI18n } from 'vue-i18n'
import type { GenerationRequest } from '#contract/generation'

export function useFieldNames(): (field: keyof GenerationRequest) => string {
  const { t } = useI18n()
  const names: Partial<Record<keyof GenerationRequest, () => string>> = {
    prompt: () => t('prompt.label'),
    negativePrompt: () => t('prompt.negative'),
    model: () => t('form.model'),
    width: () => t('form.width'),
    height: () => t('form.height'),
    steps: () => t('form.steps'),
    guidance: () => t('form.guidance'),
    guidanceRescale: () => t('form.rescale'),
    scheduler: () => t('form.scheduler'),
    sigmaSchedule: () => t('form.sigmaSchedule'),
    seed: () => t('form.seed'),
    noiseSource: () => t('form.noiseSource'),
    variationSeed: () => t('form.variationSeed'),
    variationStrength: () => t('form.variationStrength'),
    clipSkip: () => t('form.clipSkip'),
    trueGuidance: () => t('form.trueGuidance'),
    originalSteps: () => t('form.originalSteps'),
    vae: () => t('form.vae'),
    loras: () => t('lora.title'),
    hires: () => t('form.hires'),
    refiner: () => t('form.refiner'),
    controls: () => t('form.controls'),
    edit: () => t('form.start'),
  }
  return field => names[field]?.() ?? field
}
