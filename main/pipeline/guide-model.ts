/** Which guidance a model and a request call for: two sides of one prompt, two scales for edits, or a number that the network takes itself. */
import type { Components } from './components.ts'
import type { Conditions } from './denoiser.ts'
import { createClassifierFreeGuidance } from './guidance/classifier-free.ts'
import { embedGuidance } from './guidance/embedded-guidance.ts'
import { isGuided, type Guidance } from './guidance/guidance.ts'
import { createImageGuidance } from './guidance/image-guidance.ts'
import type { SamplingSettings } from './pipeline.ts'
import type { StartingPoint } from './starts/prepare-start.ts'

type GuidanceFacts = Pick<Components, 'guidanceInput'>

/** Whether the negative prompt has to be encoded. */
export function usesNegativePrompt({ guidanceInput }: GuidanceFacts, guidance: number): boolean {
  return guidanceInput === null && isGuided(guidance)
}

export function chooseGuidance(
  { guidanceInput }: GuidanceFacts,
  settings: SamplingSettings,
  from: StartingPoint,
): Guidance {
  if (guidanceInput !== null) return UNGUIDED
  if (from.kind === 'instruct') return createImageGuidance({ scale: settings.guidance, imageScale: from.imageGuidance })
  return createClassifierFreeGuidance({
    scale: settings.guidance,
    rescale: settings.guidanceRescale,
    interval: { start: 0, end: 1 },
  })
}

/** What distilled networks are told instead: features of the scale (LCM). */
export function embeddedGuidance({ guidanceInput }: GuidanceFacts, guidance: number): Conditions {
  if (guidanceInput === null) return {}
  const { name, features } = guidanceInput
  return { [name]: { dims: [1, features], data: embedGuidance(guidance, features) } }
}

const UNGUIDED: Guidance = { sidesAt: () => ['positive'], combine: ([prediction]) => prediction }
