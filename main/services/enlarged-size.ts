/** The size of a picture that a super-resolution model makes, where the request does not say: twice that of the picture it starts from. */
import { ENLARGE_BY } from '#contract/edit'
import { LIMITS, type GenerationInput } from '#contract/generation'
import type { ModelSummary } from '#contract/models'
import type { SourcesService } from './sources.ts'

type Size = Pick<GenerationInput, 'width' | 'height'>

/** Sides are cut to what requests may say, their proportions kept as far as that goes. */
export async function withEnlargedSize(
  input: GenerationInput,
  { features }: ModelSummary,
  sources: Pick<SourcesService, 'sizeOf'>,
): Promise<GenerationInput> {
  const { edit, width, height } = input
  if (!features.includes('super-resolution') || edit === undefined) return input
  if (width !== undefined || height !== undefined) return input
  return { ...input, ...(await sizeFor(edit.source, sources)) }
}

async function sizeFor(source: string, sources: Pick<SourcesService, 'sizeOf'>): Promise<Size> {
  const size = await sources.sizeOf(source)
  if (size === null) return {}
  const { max, min, step } = LIMITS.size
  const factor = Math.min(ENLARGE_BY, max / Math.max(size.width, size.height))
  const fitted = (side: number): number => Math.max(min, Math.floor((side * factor) / step) * step)
  return { width: fitted(size.width), height: fitted(size.height) }
}
