/**
 * The passes of one image, each a run of the pipeline as a call of diffusers would be, with the noise of the image's own
 * seed from the start: the picture itself, a refiner that finishes it, a second pass at a larger size.
 */
import type { GenerationRequest } from '#contract/generation'
import { makeImages, makeLatents, type ImageRequest, type PipelineResult } from '#pipeline/pipeline'
import { fitPreview } from '#pipeline/preview'
import { createNormalSource, drawInitialNoise } from '#pipeline/random/noise'
import type { StartingPoint } from '#pipeline/starts/prepare-start'
import type { Consume } from '../consume.ts'
import { fitWhole } from '../edit/prepare-edit.ts'
import type { LoadedModel } from '../loaded-model.ts'
import type { JobContext } from '../make-image.ts'
import { controlsAt } from './controls.ts'
import { startLarger } from './hires.ts'
import { refineFrom } from './refine.ts'

export interface PaintOptions {
  /** Of this image. */
  request: GenerationRequest
  consume: Consume
  signal: AbortSignal
  rest: () => Promise<void>
}

type Pass = Pick<ImageRequest, 'settings' | 'conditions' | 'size' | 'from'>

/** The decoded picture of the last pass. Throws `cancelled` between two steps. */
export async function paint(context: JobContext, options: PaintOptions): Promise<PipelineResult> {
  const { edit, conditions, size, hires, refiner } = context
  const { request, consume } = options
  const model = await context.openModel()
  const from: StartingPoint = edit?.startFrom(request.seed) ?? { kind: 'noise' }
  const pass = await toRequest(context, model, { settings: request, conditions, size, from }, options)
  if (refiner !== null) return refined(context, { model, pass, at: refiner.at }, options)

  const later = hires === null ? 0 : Math.ceil(hires.hires.steps * hires.hires.strength)
  const first = await consume(makeImages(model.components, pass), { preview: model.preview, later })
  model.preview ??= fitPreview(first.latents, first.image)
  if (hires === null) return first
  const second: Pass = {
    settings: { ...request, steps: hires.hires.steps },
    conditions: hires.conditions,
    size: hires.size,
    from: startLarger(hires, first, model.components.autoencoder),
  }
  const larger = makeImages(model.components, await toRequest(context, model, second, options))
  return consume(larger, { preview: model.preview, later: 0 })
}

async function refined(
  { openRefiner, size }: JobContext,
  { model, pass, at }: { model: LoadedModel; pass: ImageRequest; at: number },
  options: PaintOptions,
): Promise<PipelineResult> {
  const { request, consume } = options
  const later = Math.round(request.steps * (1 - at))
  const latents = await consume(makeLatents(model.components, { ...pass, until: at }), {
    preview: model.preview,
    later,
  })
  const refiner = await openRefiner()
  const rest = await refineFrom(refiner, request, { latents, size, at })
  return consume(makeImages(refiner.components, { ...common(options), ...rest }), {
    preview: refiner.preview,
    later: 0,
  })
}

/** With the nets that hold this pass. */
async function toRequest(
  { scheduler, controls, edit }: JobContext,
  { components }: LoadedModel,
  pass: Pass,
  options: PaintOptions,
): Promise<ImageRequest> {
  const control = await controlsAt(controls, components, pass.size, edit?.fitControl ?? fitWhole)
  return { ...common(options), scheduler, ...pass, ...control }
}

/** What every pass of an image has in common: its noise begins anew with each. */
function common({ request, signal, rest }: PaintOptions) {
  const { seed, noiseSource, variationSeed, variationStrength } = request
  const variation = { seed: variationSeed, strength: variationStrength, noiseSource }
  return {
    batch: 1,
    noise: createNormalSource(noiseSource, seed),
    drawInitial: (source, dims) => drawInitialNoise(source, dims, variation),
    signal,
    rest,
  } satisfies Partial<ImageRequest>
}
