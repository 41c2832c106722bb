/** One axis of the dialog: which setting, what was typed or ticked, and what is wrong with it. */
import { computed, ref, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { NOISE_SOURCES, SCHEDULERS, SIGMA_SCHEDULES } from '#contract/generation'
import { useDraft } from '../../stores/draft.ts'
import { useModels } from '../../stores/models.ts'
import { availableAxes } from './available-axes.ts'
import { CHOICE_FIELDS, TEXT_FIELDS, type Axis, type AxisField, type ChoiceField, type TextField } from './grid.ts'
import { useAxisNames } from './use-axis-names.ts'
import { parseNumbers, parseWords } from './values.ts'

export type AxisForm = ReturnType<typeof useAxis>

export function useAxis(first: AxisField, typed: string) {
  const { t } = useI18n()
  const [draft, models] = [useDraft(), useModels()]
  const field = ref<AxisField>(first)
  const text = ref(typed)
  const ticked = ref<string[]>([])
  watch(field, () => {
    text.value = ''
    ticked.value = []
  })

  const names = useAxisNames()
  const options = computed(() =>
    availableAxes(draft.model, draft.input, draft.values).map(value => ({ value, label: names.value[value] })),
  )

  const choices = computed(() => (isChoice(field.value) ? choicesOf(field.value) : null))
  function choicesOf(of: ChoiceField): { value: string; label: string }[] {
    if (of === 'model') return models.painters.map(model => ({ value: model.id, label: model.name }))
    if (of === 'vae') return draft.vaes.map(({ id, name }) => ({ value: id, label: name }))
    if (of === 'scheduler')
      return (draft.model?.samplers ?? SCHEDULERS).map(value => ({
        value,
        label: t(`choice.schedulers.${value}.name`),
      }))
    if (of === 'noiseSource')
      return NOISE_SOURCES.map(value => ({ value, label: t(`choice.noiseSources.${value}.name`) }))
    return SIGMA_SCHEDULES.map(value => ({ value, label: t(`choice.sigmaSchedules.${value}.name`) }))
  }
  function toggle(value: string): void {
    const isTicked = ticked.value.includes(value)
    ticked.value = isTicked ? ticked.value.filter(other => other !== value) : [...ticked.value, value]
  }

  /** What was typed, understood; null while nothing was, a sentence where it is wrong. */
  const read = computed<{ axis: Axis | null; error: string | null }>(() => {
    const of = field.value
    if (of === 'none') return { axis: { field: of }, error: null }
    if (isChoice(of)) {
      const values = choicesOf(of).filter(({ value }) => ticked.value.includes(value))
      return { axis: values.length === 0 ? null : { field: of, values }, error: null }
    }
    return isText(of) ? readTexts(of) : readNumbers(of)
  })
  function readNumbers(of: Exclude<AxisField, 'none' | TextField | ChoiceField>): {
    axis: Axis | null
    error: string | null
  } {
    const parsed = parseNumbers(text.value)
    if (!parsed.ok) return { axis: null, error: t('sweep.wrong', { text: parsed.wrong }) }
    const axis = { field: of, values: parsed.values, name: names.value[of] }
    return { axis: parsed.values.length === 0 ? null : axis, error: null }
  }
  function readTexts(of: TextField): { axis: Axis | null; error: string | null } {
    const values = parseWords(text.value)
    const [searched] = values
    if (searched === undefined) return { axis: null, error: null }
    const sought = draft.input[of] ?? ''
    if (!sought.includes(searched)) return { axis: null, error: t('sweep.missing', { text: searched }) }
    return { axis: { field: of, values }, error: null }
  }

  return {
    field,
    text,
    ticked,
    options,
    choices,
    toggle,
    hint: computed(() => t(isText(field.value) ? 'sweep.promptHint' : 'sweep.numbersHint')),
    axis: computed(() => read.value.axis),
    error: computed(() => read.value.error),
  }
}

function isChoice(field: AxisField): field is ChoiceField {
  return CHOICE_FIELDS.some(choice => choice === field)
}

function isText(field: AxisField): field is TextField {
  return TEXT_FIELDS.some(text => text === field)
}
