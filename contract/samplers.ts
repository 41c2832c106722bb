/** Which samplers fit which models: one trained to predict noise cannot be run as a flow, and the other way round. */
import { SCHEDULERS, type SchedulerId } from './generation.ts'

/** What a model was trained to answer, as far as a sampler cannot convert it. */
export type SamplerKind = 'noise' | 'flow' | 'edm' | 'consistency' | 'velocity'

const KINDS: Partial<Record<SchedulerId, SamplerKind>> = {
  'flow-match-euler': 'flow',
  'flow-match-heun': 'flow',
  'flow-match-lcm': 'flow',
  'edm-euler': 'edm',
  'edm-dpmpp-2m': 'edm',
  consistency: 'consistency',
  ipndm: 'velocity',
}

export function samplerKind(id: SchedulerId): SamplerKind {
  return KINDS[id] ?? 'noise'
}

export function samplersOfKind(kind: SamplerKind): SchedulerId[] {
  return SCHEDULERS.filter(id => samplerKind(id) === kind)
}

/** Steps that a distilled model was taught on where neither the request nor the model's config says (diffusers' default). */
export const ORIGINAL_STEPS = 50

/** Samplers that can be told on how many steps a distilled model was taught (`originalSteps`). */
export const DISTILLED_SAMPLERS: readonly SchedulerId[] = ['lcm', 'tcd']
