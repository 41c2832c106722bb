/** In which settings two pictures differ, in the order of the contract. Pure. */
import { generationRequestSchema, type GenerationRequest } from '#contract/generation'

export interface Difference {
  field: keyof GenerationRequest
  first: string | null
  second: string | null
}

const FIELDS = Object.keys(generationRequestSchema.shape) as (keyof GenerationRequest)[]

export function findDifferences(first: GenerationRequest, second: GenerationRequest): Difference[] {
  return FIELDS.map(field => ({ field, first: show(first[field]), second: show(second[field]) })).filter(
    difference => difference.first !== difference.second,
  )
}

/** null: not set at all. */
function show(value: unknown): string | null {
  if (value === undefined || value === null || value === '') return null
  return typeof value === 'string' ? value : JSON.stringify(value)
}
