/**
 * The form: what the user typed and chose, and nothing that they left alone. A result never writes here; only a person
 * does, by typing or by reusing a picture's settings.
 */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { GENERATION_DEFAULTS, RANDOM_SEED, type GenerationInput, type GenerationRequest } from '#contract/generation'
import { useChoices } from './choices.ts'
import { useDraftIssues } from './draft-issues.ts'
import {
  EXTRA_FIELDS,
  keepDraft,
  recallDraft,
  type DraftField,
  type DraftMemory,
  type DraftValues,
} from './draft-memory.ts'
import { useModels } from './models.ts'
import { forModel } from './passes.ts'
import { persist } from './persist.ts'
import { useSettings } from './settings.ts'
import { useStyledTexts } from './styled-texts.ts'
import { useWindowMemory } from './window-memory.ts'

export const useDraft = defineStore('draft', () => {
  const models = useModels()
  const settings = useSettings()
  const memory = useWindowMemory()
  const kept = recallDraft(memory)

  const prompt = ref(kept.prompt)
  const modelId = ref(kept.modelId)
  /** The locked seed, or the last one that was drawn; null when there was none. */
  const seed = ref(kept.seed)
  const isSeedLocked = ref(kept.isSeedLocked)
  /** Generate was pressed with nothing written; holds until something is. */
  const isPromptMissing = ref(false)

  const model = computed(
    () => models.find(modelId.value) ?? models.find(settings.value.defaultModel) ?? models.painters[0] ?? null,
  )
  /** Its own autoencoder first, then the others that fit it, by what their models are called. */
  const vaes = computed(() => {
    const { id = '', vaes: others = [] } = model.value ?? {}
    return [id, ...others].map(vae => ({ id: vae, name: models.find(vae)?.name ?? vae }))
  })
  const { shared, byModel, defaults, chosen, values, ...choices } = useChoices(model, kept)
  const written = computed(() => ({ prompt: prompt.value, negativePrompt: values.value.negativePrompt }))
  const styled = useStyledTexts(written, kept.styleNames)
  const { styleNames, texts } = styled
  const input = computed<GenerationInput>(() => {
    const drawn = isSeedLocked.value && seed.value !== null ? seed.value : RANDOM_SEED
    return forModel({ ...chosen.value, ...texts.value, seed: drawn }, model.value, values.value)
  })
  const { issues, showHostIssues, isHostIssue, forgetIssue } = useDraftIssues(input)
  const { snapshot, restore: recall } = keepDraft({ prompt, modelId, seed, isSeedLocked, shared, byModel, styleNames })
  persist(memory, 'draft', snapshot)

  /** Everything as it was when `snapshot` was asked. */
  function restore(before: DraftMemory): void {
    recall(before)
    isPromptMissing.value = false
    showHostIssues([])
  }

  function set<F extends DraftField>(field: F, value: DraftValues[F]): void {
    choices.set(field, value)
    forgetIssue(field)
  }

  function setPrompt(text: string): void {
    prompt.value = text
    isPromptMissing.value = false
    forgetIssue('prompt')
  }

  function lockSeed(value: number): void {
    seed.value = value
    isSeedLocked.value = true
    forgetIssue('seed')
  }

  function unlockSeed(): void {
    isSeedLocked.value = false
    forgetIssue('seed')
  }

  function resetAll(): void {
    choices.resetAll()
    showHostIssues([])
    unlockSeed()
  }

  /**
   * The words of a picture already have those of its styles in them. A network that made it larger painted nothing: words
   * and seed are those of the small picture, and there are no settings.
   */
  function adopt(input: GenerationInput, fields: readonly DraftField[]): void {
    const isEnlarged = models.enlargers.some(({ id }) => id === input.model)
    if (!isEnlarged && input.model !== undefined && models.find(input.model) !== null) modelId.value = input.model
    styleNames.value = []
    setPrompt(input.prompt)
    for (const field of isEnlarged ? [] : fields) set(field, input[field])
    if (input.seed !== undefined && input.seed !== RANDOM_SEED) lockSeed(input.seed)
  }
  /** The two prompts of a picture, which already have the words of its styles in them. */
  const reuseWords = ({ prompt, negativePrompt }: GenerationRequest) =>
    adopt({ prompt, negativePrompt }, ['negativePrompt'])
  /** Takes a picture's settings over into the form. */
  const reuse = (request: GenerationRequest) => adopt(request, REUSED_FIELDS)
  /** What a file of another program says; of what it does not say, the form stays as it is. */
  const reusePart = (input: GenerationInput) => adopt(input, saidIn(input))

  /** The settings of a preset, and those of the model for what it does not say. */
  function applySettings(settings: Partial<DraftValues>): void {
    choices.resetModel()
    showHostIssues([])
    for (const [field, value] of Object.entries(settings)) set(field as DraftField, value)
  }

  const seedAndPrompt = { prompt, setPrompt, isPromptMissing, seed, isSeedLocked, lockSeed, unlockSeed }
  const checks = { issues, showHostIssues, isHostIssue }
  const settingsOf = { modelId, model, vaes, defaults, chosen, values, set, resetAll, applySettings }
  const taking = { reuse, reusePart, reuseWords }
  return { ...seedAndPrompt, ...styled, ...checks, ...settingsOf, ...taking, input, snapshot, restore }
})

function saidIn(input: GenerationInput): DraftField[] {
  return REUSED_FIELDS.filter(field => input[field] !== undefined)
}

/** A picture is one of its job: how many there were says nothing about it. */
const REUSED_FIELDS: readonly DraftField[] = [
  ...Object.keys(GENERATION_DEFAULTS).filter(
    (field): field is Exclude<keyof typeof GENERATION_DEFAULTS, 'seed' | 'images'> =>
      field !== 'seed' && field !== 'images',
  ),
  ...EXTRA_FIELDS,
]
