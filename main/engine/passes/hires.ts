/**
 * The second pass at a larger size (hires fix): what the first one made is enlarged, as latents or as pixels, noised to
 * the level of the strength with the noise of the same seed, and denoised again; as an image-to-image call of its own.
 */
import type { GenerationRequest } from '#contract/generation'
import { invalidInput } from '#contract/parse'
import { hiresSizeOf, type Hires } from '#contract/passes'
import { resizeImage } from '#imaging/resample'
import type { Components } from '#pipeline/components'
import { enlargeLatents } from '#pipeline/enlarge-latents'
import type { Size } from '#pipeline/latents'
import type { PipelineResult } from '#pipeline/pipeline'
import { fromRgbImage, toRgbImage } from '#pipeline/pixels'
import { renderSize } from '#pipeline/render-size'
import type { StartingPoint } from '#pipeline/starts/prepare-start'
import type { TextConditions } from '#pipeline/text/clip-conditioner'
import { encodePrompts } from '../encode-prompts.ts'

export interface PreparedHires {
  hires: Hires
  /** What is rendered. */
  size: Size
  /** What is saved. */
  saved: Size
  conditions: TextConditions
}

/** `first` is what the first pass renders. Throws `invalid-input` for a model whose graphs have one size. */
export async function prepareHires(
  request: GenerationRequest & { hires: Hires },
  components: Components,
  first: Size,
): Promise<PreparedHires> {
  const { hires } = request
  if (components.fixedSize !== null) {
    const allowed = 'nothing: the graphs of this model have a fixed size'
    throw invalidInput([{ path: 'hires', value: `a scale of ${hires.scale}`, allowed }])
  }
  const size = renderSize(hiresSizeOf(first, hires), components)
  const conditions = await encodePrompts(components, request, size)
  return { hires, size, saved: hiresSizeOf(request, hires), conditions }
}

/** Of the second pass, from what the first one made. */
export function startLarger(
  { hires: { from, strength }, size }: PreparedHires,
  { image, latents }: PipelineResult,
  { factor }: Components['autoencoder'],
): StartingPoint {
  if (from === 'latents') {
    const larger = enlargeLatents(latents, size.height / factor, size.width / factor)
    return { kind: 'encoded', latents: larger, strength }
  }
  const [, , height, width] = image.dims
  const picture = { ...toRgbImage(image, 0, { height, width }), channels: 3 }
  return { kind: 'image', pixels: fromRgbImage(resizeImage(picture, size, 'lanczos')), strength }
}
