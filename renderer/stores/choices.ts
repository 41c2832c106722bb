/**
 * The settings in force: the contract's defaults, then the model's recommendation, then what the user chose. Only the
 * last is stored, and what goes with a model is stored for each model apart.
 */
import { computed, ref, watch, type Ref } from 'vue'
import { GENERATION_DEFAULTS } from '#contract/generation'
import type { ModelSummary } from '#contract/models'
import type { Choices, DraftField, DraftValues } from './draft-memory.ts'

/** Choices that go with the model; the rest (negative prompt, number of images, start picture) goes with the user. */
const MODEL_FIELDS: readonly DraftField[] = [
  'width',
  'height',
  'steps',
  'guidance',
  'guidanceRescale',
  'scheduler',
  'sigmaSchedule',
  'clipSkip',
  'hires',
  'controls',
  'refiner',
  'trueGuidance',
  'originalSteps',
  'vae',
  'loras',
]
/** What is chosen before the models are known belongs to the one that turns out to be in force. */
const UNKNOWN_MODEL = ''

export function useChoices(
  model: Ref<ModelSummary | null>,
  kept: { shared: Choices; byModel: Record<string, Choices> },
) {
  const shared = ref(kept.shared)
  const byModel = ref(kept.byModel)
  const key = computed(() => model.value?.id ?? UNKNOWN_MODEL)
  const ofModel = computed<Choices>(() => byModel.value[key.value] ?? {})

  const defaults = computed<DraftValues>(() => ({ ...GENERATION_DEFAULTS, ...model.value?.recommended }))
  const chosen = computed<Choices>(() => ({ ...shared.value, ...ofModel.value }))
  const values = computed<DraftValues>(() => ({ ...defaults.value, ...chosen.value }))

  watch(key, adoptEarlyChoices, { immediate: true, flush: 'sync' })
  function adoptEarlyChoices(id: string): void {
    const { [UNKNOWN_MODEL]: early, ...known } = byModel.value
    if (id !== UNKNOWN_MODEL && early !== undefined) byModel.value = { ...known, [id]: { ...known[id], ...early } }
  }

  function set<F extends DraftField>(field: F, value: DraftValues[F]): void {
    const target = MODEL_FIELDS.includes(field) ? ofModel.value : shared.value
    const others = Object.fromEntries(Object.entries(target).filter(([name]) => name !== field))
    const next: Choices = Object.is(value, defaults.value[field]) ? others : { ...others, [field]: value }
    if (MODEL_FIELDS.includes(field)) byModel.value = { ...byModel.value, [key.value]: next }
    else shared.value = next
  }

  /** Every setting as the model recommends it; what was written stays. */
  function resetAll(): void {
    const { negativePrompt } = shared.value
    shared.value = negativePrompt === undefined ? {} : { negativePrompt }
    resetModel()
  }
  function resetModel(): void {
    byModel.value = { ...byModel.value, [key.value]: {} }
  }

  return { shared, byModel, defaults, chosen, values, set, resetAll, resetModel }
}
