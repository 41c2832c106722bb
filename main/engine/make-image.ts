/** One image of a job: the pipeline's events become the engine's, latents become previews, the decoded picture becomes bytes. */
import { requestOfImage } from '#contract/generation'
import type { EncodablePicture } from '#imaging/png-encode'
import type { Size } from '#pipeline/latents'
import { makeImages } from '#pipeline/pipeline'
import { toRgbImage } from '#pipeline/pixels'
import { fitPreview } from '#pipeline/preview'
import { createNormalSource, drawInitialNoise } from '#pipeline/random/noise'
import type { Scheduler } from '#pipeline/schedulers/scheduler'
import type { TextConditions } from '#pipeline/text/clip-conditioner'
import { createRest } from './create-rest.ts'
import type { PreparedEdit } from './edit/prepare-edit.ts'
import type { EngineJob, GenerateOptions } from './engine.ts'
import type { LoadedModel } from './loaded-model.ts'
import type { PreviewSender } from './preview-sender.ts'

export interface JobContext {
  job: EngineJob
  model: LoadedModel
  /** What is rendered; the picture is cropped to what the request says. */
  size: Size
  /** null: from noise alone. */
  edit: PreparedEdit | null
  conditions: TextConditions
  scheduler: Scheduler
  previews: PreviewSender
}

/** Throws `cancelled` between two steps. */
export async function makeImage(
  { job, model, size, edit, conditions, scheduler, previews }: JobContext,
  image: number,
  { signal, onEvent, now }: GenerateOptions & { now: () => number },
): Promise<EncodablePicture> {
  const request = requestOfImage(job.request, image)
  const variation = {
    seed: request.variationSeed,
    strength: request.variationStrength,
    noiseSource: request.noiseSource,
  }
  const run = makeImages(model.components, {
    scheduler,
    settings: request,
    conditions,
    size,
    batch: 1,
    from: edit?.startFrom(request.seed) ?? { kind: 'noise' },
    noise: createNormalSource(request.noiseSource, request.seed),
    drawInitial: (source, dims) => drawInitialNoise(source, dims, variation),
    signal,
    rest: createRest(now),
  })
  try {
    let dims: readonly number[] = []
    let steps = 0
    let step = 0
    let stepStartedAt = now()
    for (;;) {
      const next = await run.next()
      if (next.done === true) {
        model.preview ??= fitPreview(next.value.latents, next.value.image)
        return edit?.finish(next.value.image) ?? toRgbImage(next.value.image, 0, request)
      }
      const event = next.value
      switch (event.type) {
        case 'prepared':
          dims = event.latents.dims
          steps = event.calls
          onEvent({ type: 'phase', image, phase: 'denoising' })
          break
        case 'step':
          step++
          onEvent({ type: 'step', image, step, steps, stepMs: now() - stepStartedAt })
          if (model.preview && step < steps)
            previews.offer({ image, step }, { dims, data: event.denoised ?? event.latents }, model.preview)
          break
        case 'notice':
          onEvent({ type: 'notice', text: event.text })
          break
        case 'decoding':
          onEvent({ type: 'phase', image, phase: 'decoding' })
      }
      stepStartedAt = now()
    }
  } finally {
    previews.finish(image)
  }
}
