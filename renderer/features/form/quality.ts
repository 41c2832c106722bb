/** Quality in plain words: three choices of steps and sampler that make sense for a model. Pure. */
import type { SchedulerId, SigmaSchedule } from '#contract/generation'
import type { ModelSummary } from '#contract/models'
import type { DraftValues } from '../../stores/draft-memory.ts'

export const QUALITIES = ['quick', 'good', 'best'] as const
export type Quality = (typeof QUALITIES)[number]

export interface QualitySettings {
  steps: number
  scheduler: SchedulerId
  sigmaSchedule: SigmaSchedule
}

/** Models that need no more than this were distilled to few steps: another sampler would not do. */
const FEW_STEPS = 8
/** Beyond it a picture changes little. */
const MOST_STEPS = 60
/** DPM++ 2M draws a finished picture from about this many. */
const QUICK_STEPS = 8

/** `good` is what the model recommends. */
export function qualitiesOf(
  model: Pick<ModelSummary, 'samplers' | 'guidance'>,
  recommended: Pick<DraftValues, 'steps' | 'scheduler' | 'sigmaSchedule'>,
): Record<Quality, QualitySettings> {
  const { steps, scheduler, sigmaSchedule } = recommended
  const good = { steps, scheduler, sigmaSchedule }
  const half = Math.max(1, Math.round(steps / 2))
  const best = { ...good, steps: Math.max(steps, Math.min(MOST_STEPS, steps * 2)) }
  const mayChangeSampler = steps > FEW_STEPS && model.samplers.includes('dpmpp-2m') && model.guidance === 'two-sided'
  if (!mayChangeSampler) return { quick: { ...good, steps: half }, good, best }
  const quick = { steps: Math.max(QUICK_STEPS, half), scheduler: 'dpmpp-2m', sigmaSchedule: 'karras' } as const
  return { quick, good, best }
}

/** Which of them the settings are; null for settings of one's own. */
export function qualityOf(values: QualitySettings, qualities: Record<Quality, QualitySettings>): Quality | null {
  const isSame = (other: QualitySettings) =>
    other.steps === values.steps && other.scheduler === values.scheduler && other.sigmaSchedule === values.sigmaSchedule
  return QUALITIES.find(quality => isSame(qualities[quality])) ?? null
}
