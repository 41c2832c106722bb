/** The size of a picture that a model makes larger, where the request does not say: so many times that of the picture it starts from. */
import { ENLARGE_BY } from '#contract/edit'
import { LIMITS, type GenerationInput } from '#contract/generation'
import type { KnownModel } from './check-request.ts'
import type { SourcesService } from './sources.ts'

type Size = Pick<GenerationInput, 'width' | 'height'>

/** Sides are cut to what requests may say, their proportions kept as far as that goes. */
export async function withEnlargedSize(
  input: GenerationInput,
  { summary: { features }, latents }: KnownModel,
  sources: Pick<SourcesService, 'sizeOf'>,
): Promise<GenerationInput> {
  const { edit, width, height } = input
  if (edit === undefined || width !== undefined || height !== undefined) return input
  // A diffusion upscaler is shown the picture with one pixel a latent, and its decoder makes so many of each.
  const by = features.includes('upscale')
    ? latents.vaeFactor
    : features.includes('super-resolution')
      ? ENLARGE_BY
      : null
  return by === null ? input : { ...input, ...(await sizeFor(edit.source, by, sources)) }
}

async function sizeFor(source: string, by: number, sources: Pick<SourcesService, 'sizeOf'>): Promise<Size> {
  const size = await sources.sizeOf(source)
  if (size === null) return {}
  const { max, min, step } = LIMITS.size
  const factor = Math.min(by, max / Math.max(size.width, size.height))
  const fitted = (side: number): number => Math.max(min, Math.floor((side * factor) / step) * step)
  return { width: fitted(size.width), height: fitted(size.height) }
}
