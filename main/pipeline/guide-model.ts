/** Which guidance a model and a request call for: two sides of one prompt, two scales for edits, or a number that the network takes itself. */
import type { Conditions } from './denoiser.ts'
import type { Family } from './families/family.ts'
import { createClassifierFreeGuidance } from './guidance/classifier-free.ts'
import { embedGuidance } from './guidance/embedded-guidance.ts'
import { isGuided, type Guidance } from './guidance/guidance.ts'
import { createImageGuidance } from './guidance/image-guidance.ts'
import type { SamplingSettings } from './pipeline.ts'
import type { StartingPoint } from './starts/prepare-start.ts'

type Style = Pick<Family, 'guidance'>
type Scales = Pick<SamplingSettings, 'guidance' | 'trueGuidance'>

/** Whether the negative prompt has to be encoded. */
export function usesNegativePrompt(family: Style, scales: Scales): boolean {
  return isGuided(twoSidedScale(family, scales))
}

export function chooseGuidance(family: Style, settings: SamplingSettings, from: StartingPoint): Guidance {
  const scale = twoSidedScale(family, settings)
  if (from.kind === 'instruct') return createImageGuidance({ scale, imageScale: from.imageGuidance })
  return createClassifierFreeGuidance({ scale, rescale: settings.guidanceRescale, interval: { start: 0, end: 1 } })
}

/** What distilled networks are told: features of the scale (LCM) or the scale itself (FLUX). */
export function embeddedGuidance({ guidance: style }: Style, scale: number): Conditions {
  switch (style.kind) {
    case 'features':
      return { [style.name]: { dims: [1, style.count], data: embedGuidance(scale, style.count) } }
    case 'number':
      return { [style.name]: { dims: [1], data: Float32Array.of(scale) } }
    case 'two-sided':
    case 'none':
      return {}
  }
}

/** Networks that were distilled for guidance can still be guided by two sides, if that is asked for. */
function twoSidedScale({ guidance: style }: Style, { guidance, trueGuidance }: Scales): number {
  return style.kind === 'two-sided' ? guidance : (trueGuidance ?? 1)
}
