/**
 * The form: what the user typed and chose, and nothing that they left alone. A result never writes here; only a person
 * does, by typing or by reusing a picture's settings.
 */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { GENERATION_DEFAULTS, RANDOM_SEED, type GenerationInput, type GenerationRequest } from '#contract/generation'
import { useChoices } from './choices.ts'
import { useDraftIssues } from './draft-issues.ts'
import { recallDraft, type DraftField, type DraftValues } from './draft-memory.ts'
import { useModels } from './models.ts'
import { persist } from './persist.ts'
import { useSettings } from './settings.ts'
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
    () => models.find(modelId.value) ?? models.find(settings.value.defaultModel) ?? models.usable[0] ?? null,
  )
  const { shared, byModel, defaults, chosen, values, ...choices } = useChoices(model, kept)
  const input = computed<GenerationInput>(() => ({
    prompt: prompt.value,
    ...(model.value === null ? {} : { model: model.value.id }),
    ...chosen.value,
    seed: isSeedLocked.value && seed.value !== null ? seed.value : RANDOM_SEED,
  }))
  const { issues, showHostIssues, isHostIssue, forgetIssue } = useDraftIssues(input)
  persist(memory, 'draft', () => ({
    prompt: prompt.value,
    modelId: modelId.value,
    seed: seed.value,
    isSeedLocked: isSeedLocked.value,
    shared: shared.value,
    byModel: byModel.value,
  }))

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

  /** Takes a picture's settings over into the form. */
  function reuse(request: GenerationRequest): void {
    if (models.find(request.model) !== null) modelId.value = request.model
    setPrompt(request.prompt)
    lockSeed(request.seed)
    for (const field of REUSED_FIELDS) set(field, request[field])
  }

  const seedAndPrompt = { prompt, setPrompt, isPromptMissing, seed, isSeedLocked, lockSeed, unlockSeed }
  const checks = { issues, showHostIssues, isHostIssue }
  return { ...seedAndPrompt, ...checks, modelId, model, defaults, values, input, set, resetAll, reuse }
})

/** A picture is one of its job: how many there were says nothing about it. */
const REUSED_FIELDS = Object.keys(GENERATION_DEFAULTS).filter(
  (field): field is Exclude<DraftField, 'images'> => field !== 'seed' && field !== 'images',
)
