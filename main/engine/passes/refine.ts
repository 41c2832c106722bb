/**
 * A second model that takes the latents over on the way and finishes them (Podell et al. 2023, arXiv 2307.01952, section
 * 2.5). The two are in memory in turn, never together: each image loads both, which its steps outweigh.
 */
import type { GenerationRequest } from '#contract/generation'
import { invalidInput } from '#contract/parse'
import type { Components } from '#pipeline/components'
import type { Size } from '#pipeline/latents'
import { createModelScheduler } from '#pipeline/model-scheduler'
import type { ImageRequest } from '#pipeline/pipeline'
import type { FloatTensor } from '#pipeline/tensor'
import { encodePrompts } from '../encode-prompts.ts'
import type { LoadedModel } from '../loaded-model.ts'

type Refining = Pick<ImageRequest, 'scheduler' | 'settings' | 'conditions' | 'size' | 'from'>

/** Throws `invalid-input` when the refiner works in other latents than those that it is handed. */
export async function refineFrom(
  { components, schedulerConfig }: LoadedModel,
  request: GenerationRequest,
  { latents, size, at }: { latents: FloatTensor; size: Size; at: number },
): Promise<Refining> {
  checkLatents(components, request, latents, size)
  const { scheduler, sigmaSchedule } = request
  return {
    scheduler: createModelScheduler(schedulerConfig, scheduler, sigmaSchedule, components.denoiser.inputs),
    settings: request,
    conditions: await encodePrompts(components, request, size),
    size,
    from: { kind: 'latents', latents, fraction: at },
  }
}

function checkLatents(
  { autoencoder: { latentChannels, factor } }: Components,
  { refiner }: GenerationRequest,
  { dims }: FloatTensor,
  { height }: Size,
): void {
  if (dims[1] === latentChannels && dims[2] * factor === height) return
  const allowed = `a refiner for ${dims[1]} latent channels and ${height / dims[2]} pixels a latent`
  const value = `${refiner?.model ?? ''}, which has ${latentChannels} and ${factor}`
  throw invalidInput([{ path: 'refiner.model', value, allowed }])
}
