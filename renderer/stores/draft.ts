/**
 * The form: what the user typed and chose, and nothing that they left alone. Values in force are the contract's
 * defaults, then the model's recommendation, then the user's choice, which is kept for every model apart. A result
 * never writes here; only a person does, by typing or by reusing a picture's settings.
 */
import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { z } from 'zod'
import type { InputIssue } from '#contract/errors'
import {
  GENERATION_DEFAULTS,
  generationInputSchema,
  RANDOM_SEED,
  type GenerationInput,
  type GenerationRequest,
} from '#contract/generation'
import { toErrorPayload } from '#contract/errors'
import { parseInput } from '#contract/parse'
import { useModels } from './models.ts'
import { persist } from './persist.ts'
import { useSettings } from './settings.ts'
import { useWindowMemory } from './window-memory.ts'

/** Choices that go with the model; the rest (prompts, seed, number of images, variation) goes with the user. */
const MODEL_FIELDS = [
  'width',
  'height',
  'steps',
  'guidance',
  'guidanceRescale',
  'scheduler',
  'sigmaSchedule',
] as const satisfies (keyof GenerationInput)[]

export type DraftValues = Omit<Required<GenerationInput>, 'model' | 'prompt' | 'seed' | 'edit'>
export type DraftField = keyof DraftValues
type Choices = Partial<DraftValues>

/** What is chosen before the models are known belongs to the one that turns out to be in force. */
const UNKNOWN_MODEL = ''

const memorySchema = z.object({
  prompt: z.string().catch(''),
  modelId: z.string().nullable().catch(null),
  seed: z.number().nullable().catch(null),
  isSeedLocked: z.boolean().catch(false),
  shared: z.record(z.string(), z.unknown()).catch({}),
  byModel: z.record(z.string(), z.record(z.string(), z.unknown())).catch({}),
})

export const useDraft = defineStore('draft', () => {
  const models = useModels()
  const settings = useSettings()
  const memory = useWindowMemory()
  const kept = memorySchema.safeParse(memory.read('draft') ?? {}).data

  const prompt = ref(kept?.prompt ?? '')
  const modelId = ref<string | null>(kept?.modelId ?? null)
  /** The locked seed, or the last one that was drawn; null when there was none. */
  const seed = ref<number | null>(kept?.seed ?? null)
  const isSeedLocked = ref(kept?.isSeedLocked ?? false)
  const shared = ref<Choices>((kept?.shared ?? {}) as Choices)
  const byModel = ref<Record<string, Choices>>((kept?.byModel ?? {}) as Record<string, Choices>)
  /** What the host said about the last request, until the field is changed. */
  const hostIssues = ref<Record<string, InputIssue>>({})
  /** Generate was pressed with nothing written; holds until something is. */
  const isPromptMissing = ref(false)
  persist(memory, 'draft', () => ({
    prompt: prompt.value,
    modelId: modelId.value,
    seed: seed.value,
    isSeedLocked: isSeedLocked.value,
    shared: shared.value,
    byModel: byModel.value,
  }))

  const model = computed(
    () => models.find(modelId.value) ?? models.find(settings.value.defaultModel) ?? models.usable[0] ?? null,
  )
  const modelChoices = computed(() => byModel.value[model.value?.id ?? UNKNOWN_MODEL] ?? {})
  watch(
    () => model.value?.id,
    id => {
      const { [UNKNOWN_MODEL]: early, ...known } = byModel.value
      if (id !== undefined && early !== undefined) byModel.value = { ...known, [id]: { ...known[id], ...early } }
    },
    { immediate: true, flush: 'sync' },
  )
  const defaults = computed<DraftValues>(() => ({ ...GENERATION_DEFAULTS, ...model.value?.recommended }))
  const values = computed<DraftValues>(() => ({ ...defaults.value, ...shared.value, ...modelChoices.value }))

  const input = computed<GenerationInput>(() => ({
    prompt: prompt.value,
    ...(model.value === null ? {} : { model: model.value.id }),
    ...shared.value,
    ...modelChoices.value,
    seed: isSeedLocked.value && seed.value !== null ? seed.value : RANDOM_SEED,
  }))

  const issues = computed<Record<string, InputIssue>>(() => ({ ...hostIssues.value, ...findIssues(input.value) }))

  function set<F extends DraftField>(field: F, value: DraftValues[F]): void {
    const choices: Choices = isModelField(field) ? { ...modelChoices.value } : { ...shared.value }
    if (Object.is(value, defaults.value[field])) delete choices[field]
    else choices[field] = value
    if (isModelField(field)) byModel.value = { ...byModel.value, [model.value?.id ?? UNKNOWN_MODEL]: choices }
    else shared.value = choices
    forgetIssue(field)
  }

  function reset(field: DraftField): void {
    set(field, defaults.value[field])
  }

  /** Every setting as the model recommends it; what was written stays. */
  function resetAll(): void {
    const { negativePrompt } = shared.value
    shared.value = negativePrompt === undefined ? {} : { negativePrompt }
    byModel.value = { ...byModel.value, [model.value?.id ?? UNKNOWN_MODEL]: {} }
    hostIssues.value = {}
    unlockSeed()
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

  /** Takes a picture's settings over into the form. */
  function reuse(request: GenerationRequest): void {
    if (models.find(request.model) !== null) modelId.value = request.model
    setPrompt(request.prompt)
    lockSeed(request.seed)
    for (const field of Object.keys(GENERATION_DEFAULTS)) {
      if (field !== 'seed' && field !== 'images') set(field as DraftField, request[field as DraftField])
    }
  }

  function showHostIssues(found: InputIssue[]): void {
    hostIssues.value = Object.fromEntries(found.map(issue => [issue.path, issue]))
  }

  function isHostIssue(path: string): boolean {
    return path in hostIssues.value
  }

  function forgetIssue(path: string): void {
    if (path in hostIssues.value) {
      hostIssues.value = Object.fromEntries(Object.entries(hostIssues.value).filter(([key]) => key !== path))
    }
  }

  return {
    prompt,
    modelId,
    seed,
    isSeedLocked,
    isPromptMissing,
    model,
    defaults,
    values,
    input,
    issues,
    set,
    reset,
    resetAll,
    setPrompt,
    lockSeed,
    unlockSeed,
    reuse,
    showHostIssues,
    isHostIssue,
  }
})

function isModelField(field: DraftField): boolean {
  return (MODEL_FIELDS as readonly string[]).includes(field)
}

/** The same schema that the host asks, so that a wrong field is marked before anything is sent. */
function findIssues(input: GenerationInput): Record<string, InputIssue> {
  try {
    parseInput(generationInputSchema, input)
    return {}
  } catch (thrown) {
    return Object.fromEntries((toErrorPayload(thrown).issues ?? []).map(issue => [issue.path, issue]))
  }
}
