/** What a window remembers of its form. A part that is missing or damaged is forgotten alone. */
import type { Ref } from 'vue'
import { z } from 'zod'
import type { GENERATION_DEFAULTS, GenerationInput } from '#contract/generation'
import type { WindowMemory } from './window-memory.ts'

/** What a request may have beside them; absent, it is off. */
export const EXTRA_FIELDS = [
  'hires',
  'controls',
  'refiner',
  'trueGuidance',
  'originalSteps',
  'vae',
  'loras',
  'edit',
] as const
export type DraftExtras = Pick<GenerationInput, (typeof EXTRA_FIELDS)[number]>
/** The settings that have a field in the form; the seed is kept apart as it behaves in its own way. */
export type DraftValues = Required<Pick<GenerationInput, Exclude<keyof typeof GENERATION_DEFAULTS, 'seed'>>> &
  DraftExtras
export type DraftField = keyof DraftValues
export type Choices = Partial<DraftValues>

export interface DraftMemory {
  prompt: string
  modelId: string | null
  seed: number | null
  isSeedLocked: boolean
  shared: Choices
  byModel: Record<string, Choices>
  styleNames: string[]
}

const choicesSchema = z.record(z.string(), z.unknown())
const memorySchema = z.object({
  prompt: z.string().catch(''),
  modelId: z.string().nullable().catch(null),
  seed: z.number().nullable().catch(null),
  isSeedLocked: z.boolean().catch(false),
  shared: choicesSchema.catch({}),
  byModel: z.record(z.string(), choicesSchema).catch({}),
  styleNames: z.array(z.string()).catch([]),
})

/** Values are not checked here: a wrong one shows at its field like one that was typed. */
export function recallDraft(memory: WindowMemory): DraftMemory {
  const kept = memorySchema.safeParse(memory.read('draft')).data ?? memorySchema.parse({})
  return { ...kept, shared: kept.shared, byModel: kept.byModel }
}

type DraftRefs = { [K in keyof DraftMemory]: Ref<DraftMemory[K]> }

/** The form as plain data, and back. */
export function keepDraft(refs: DraftRefs) {
  const names = Object.keys(refs) as (keyof DraftMemory)[]
  return {
    snapshot: () => Object.fromEntries(names.map(name => [name, refs[name].value])) as unknown as DraftMemory,
    restore(before: DraftMemory): void {
      for (const name of names) refs[name].value = before[name]
    },
  }
}
