/** Which groups of settings a model has: what it cannot do is not shown, unless something is set there that must be seen. Pure. */
import type { ModelSummary } from '#contract/models'
import type { DraftValues } from '../../stores/draft-memory.ts'

export type ShownGroups = Record<'loras' | 'start' | 'hires' | 'refiner' | 'controls', boolean>

const STARTS = ['image-to-image', 'instruct', 'upscale'] as const

/** Whether a picture can be what it begins with. */
export function canStart(model: Pick<ModelSummary, 'features'> | null): boolean {
  return model !== null && STARTS.some(feature => model.features.includes(feature))
}

export function shownGroups(
  model: ModelSummary | null,
  usable: readonly ModelSummary[],
  values: Pick<DraftValues, 'loras' | 'edit' | 'hires' | 'refiner' | 'controls'>,
): ShownGroups {
  if (model === null) return { loras: false, start: false, hires: false, refiner: false, controls: false }
  const { features, family, fixedSize, controlNets } = model
  const isFromWords = values.edit === undefined && features.includes('text-to-image')
  const hasRefiner = family === 'sdxl' && usable.some(other => other.features.includes('refine'))
  return {
    loras: features.includes('lora') || values.loras !== undefined,
    start: canStart(model) || values.edit !== undefined,
    hires: isFromWords && fixedSize === null,
    refiner: isFromWords && hasRefiner,
    controls: controlNets.length > 0 || values.controls !== undefined,
  }
}
