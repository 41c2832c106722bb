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
import { startLarger, type PreparedHires } from './hires.ts'
import { openPlace, type Place } from './place.ts'
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
  const { request } = options
  const model = await context.openModel()
  const from: StartingPoint = edit?.startFrom(request.seed) ?? { kind: 'noise' }
  const pass = await toRequest(context, model, { settings: request, conditions, size, from }, options)
  const place = await openPlace(context, request)
  if (refiner !== null) return refined(context, { model, pass, place, at: refiner.at }, options)
  if (hires === null) return options.consume(makeImages(model.components, place.resume(pass, 0)), place.about(model, 0))
  return enlarged(context, { model, pass, place, hires }, options)
}

interface FirstPass {
  model: LoadedModel
  pass: ImageRequest
  place: Place
}

async function enlarged(
  context: JobContext,
  { model, pass, place, hires }: FirstPass & { hires: PreparedHires },
  options: PaintOptions,
): Promise<PipelineResult> {
  const { components } = model
  const { request, consume } = options
  const later = Math.ceil(hires.hires.steps * hires.hires.strength)
  const made = place.earlierThan(1)
  const first =
    made === null
      ? await consume(makeImages(components, place.resume(pass, 0)), { ...place.about(model, 0), later })
      : { latents: made, image: await components.autoencoder.decode(made, context.notices.tell) }
  model.preview ??= fitPreview(first.latents, first.image)
  const second: Pass = {
    settings: { ...request, steps: hires.hires.steps },
    conditions: hires.conditions,
    size: hires.size,
    from: startLarger(hires, first, components.autoencoder),
  }
  const larger = place.resume(await toRequest(context, model, second, options), 1)
  return consume(makeImages(components, larger), place.about(model, 1, first.latents))
}

async function refined(
  { openRefiner, size }: JobContext,
  { model, pass, place, at }: FirstPass & { at: number },
  options: PaintOptions,
): Promise<PipelineResult> {
  const { request, consume } = options
  const later = Math.round(request.steps * (1 - at))
  const base = place.resume({ ...pass, until: at }, 0)
  const latents =
    place.earlierThan(1) ?? (await consume(makeLatents(model.components, base), { ...place.about(model, 0), later }))
  const refiner = await openRefiner()
  const rest = await refineFrom(refiner, request, { latents, size, at })
  const finish = place.resume({ ...common(options), ...rest }, 1)
  return consume(makeImages(refiner.components, finish), place.about(refiner, 1, latents))
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
