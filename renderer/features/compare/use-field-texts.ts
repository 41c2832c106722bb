/** What a setting is, in the words of the form: names of samplers and models instead of their ids. */
import { useI18n } from 'vue-i18n'
import { NOISE_SOURCES, SCHEDULERS, SIGMA_SCHEDULES, type GenerationRequest } from '#contract/generation'
import { useModels } from '../../stores/models.ts'

/** `value` is null where the setting is not set at all. */
export function useFieldTexts(): (field: keyof GenerationRequest, value: string | null) => string {
  const { t } = useI18n()
  const models = useModels()

  /** Of settings whose values have names. */
  function choicesOf(field: keyof GenerationRequest): readonly { id: string; name: string }[] {
    switch (field) {
      case 'model':
      case 'vae':
        return models.all
      case 'scheduler':
        return SCHEDULERS.map(id => ({ id, name: t(`choice.schedulers.${id}.name`) }))
      case 'sigmaSchedule':
        return SIGMA_SCHEDULES.map(id => ({ id, name: t(`choice.sigmaSchedules.${id}.name`) }))
      case 'noiseSource':
        return NOISE_SOURCES.map(id => ({ id, name: t(`choice.noiseSources.${id}.name`) }))
      default:
        return []
    }
  }
  return (field, value) =>
    value === null ? t('compare.none') : (choicesOf(field).find(({ id }) => id === value)?.name ?? value)
}
