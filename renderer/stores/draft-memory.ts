/** What a window remembers of its form. A part that is missing or damaged is forgotten alone. */
import { z } from 'zod'
import type { GENERATION_DEFAULTS, GenerationInput } from '#contract/generation'
import type { WindowMemory } from './window-memory.ts'

/** The settings that have a default, and so a field in the form; the seed is kept apart as it behaves in its own way. */
export type DraftValues = Required<Pick<GenerationInput, Exclude<keyof typeof GENERATION_DEFAULTS, 'seed'>>>
export type DraftField = keyof DraftValues
export type Choices = Partial<DraftValues>

export interface DraftMemory {
  prompt: string
  modelId: string | null
  seed: number | null
  isSeedLocked: boolean
  shared: Choices
  byModel: Record<string, Choices>
}

const choicesSchema = z.record(z.string(), z.unknown())
const memorySchema = z.object({
  prompt: z.string().catch(''),
  modelId: z.string().nullable().catch(null),
  seed: z.number().nullable().catch(null),
  isSeedLocked: z.boolean().catch(false),
  shared: choicesSchema.catch({}),
  byModel: z.record(z.string(), choicesSchema).catch({}),
})

/** Values are not checked here: a wrong one shows at its field like one that was typed. */
export function recallDraft(memory: WindowMemory): DraftMemory {
  const kept = memorySchema.safeParse(memory.read('draft')).data ?? memorySchema.parse({})
  return { ...kept, shared: kept.shared, byModel: kept.byModel }
}
