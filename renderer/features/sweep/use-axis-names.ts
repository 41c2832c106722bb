/** What the settings are called that an axis can go through. */
import { computed, type ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import type { AxisField } from './grid.ts'

export function useAxisNames(): ComputedRef<Record<AxisField, string>> {
  const { t } = useI18n()
  return computed(() => ({
    none: t('sweep.none'),
    prompt: t('sweep.prompt'),
    negativePrompt: t('sweep.negativePrompt'),
    steps: t('form.steps'),
    guidance: t('form.guidance'),
    guidanceRescale: t('form.rescale'),
    seed: t('form.seed'),
    width: t('form.width'),
    height: t('form.height'),
    variationSeed: t('form.variationSeed'),
    variationStrength: t('sweep.variationStrength'),
    clipSkip: t('form.clipSkip'),
    'hires.scale': t('sweep.hiresScale'),
    'hires.strength': t('sweep.hiresStrength'),
    'hires.steps': t('sweep.hiresSteps'),
    'edit.strength': t('sweep.editStrength'),
    'refiner.at': t('sweep.refinerAt'),
    'controls.scale': t('sweep.controlScale'),
    trueGuidance: t('sweep.trueGuidance'),
    originalSteps: t('sweep.originalSteps'),
    scheduler: t('form.scheduler'),
    sigmaSchedule: t('form.sigmaSchedule'),
    noiseSource: t('form.noiseSource'),
    model: t('form.model'),
    vae: t('form.vae'),
  }))
}
