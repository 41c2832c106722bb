/** What a picture cost on this machine, and what one is going to cost by that. Nothing here is guessed: unmeasured is null. */
import { z } from 'zod'
import { listOf } from './fields.ts'
import { generationInputSchema, type GenerationInput, type SchedulerId } from './generation.ts'

/** What one image took: the calls of the denoising network by the size that they rendered, and everything around them. */
export const imageCostSchema = z.object({
  passes: z.array(z.object({ width: z.int(), height: z.int(), calls: z.int(), ms: z.number() })),
  /** Prompt, pictures in and out, saving; without what loading the model took. */
  aroundMs: z.number(),
  /** null: the model was in memory already. */
  loadMs: z.number().nullable(),
  /** Most that the engine's process had in memory during the job, up to here; null where the system does not say it. */
  peakBytes: z.number().nullable(),
})
export type ImageCost = z.infer<typeof imageCostSchema>

const INPUTS = { min: 1, max: 200 } as const

/** Several requests are estimated together: a grid. */
export const estimateSchema = z.strictObject({ inputs: listOf(generationInputSchema, INPUTS, 'requests') })
export interface EstimateArgument {
  inputs: GenerationInput[]
}

export interface Estimate {
  /** For all of them, with loading the model where it is not in memory; null as long as one of them was not measured. */
  seconds: number | null
  /** Most memory that the engine will take; null as long as one of them was not measured. */
  peakBytes: number | null
}

/** They look at every noise level but the last twice (Heun 1900; Karras et al. 2022, arXiv 2206.00364, algorithm 1 and 2). */
const TWICE: readonly SchedulerId[] = ['heun', 'kdpm2', 'kdpm2-ancestral', 'dpmpp-sde', 'flow-match-heun']

/** How often the network is called for so many steps; PNDM without its Runge-Kutta steps, as all published models have it. */
export function callsOf(scheduler: SchedulerId, steps: number): number {
  if (TWICE.includes(scheduler)) return 2 * steps - 1
  return scheduler === 'pndm' ? steps + 1 : steps
}
