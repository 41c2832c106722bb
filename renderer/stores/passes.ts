/** Which parts of a request go together; the host refuses what does not (main/services/check-passes.ts). */
import type { GenerationInput } from '#contract/generation'

/** A second pass and a refiner are for pictures from words alone; with a start picture they are left out. */
export function withoutClashes(input: GenerationInput): GenerationInput {
  if (input.edit === undefined) return input
  const { hires: _hires, refiner: _refiner, ...rest } = input
  return rest
}
