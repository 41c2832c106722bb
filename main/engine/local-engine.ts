/**
 * The Engine port in this process: loads the model, encodes the prompt once, makes the images one after another and
 * writes their files. Saving an image runs beside the next one's steps, as it needs other threads than the networks.
 */
import { AppError } from '#contract/errors'
import { usesNegativePrompt } from '#pipeline/guide-model'
import { createModelScheduler } from '#pipeline/model-scheduler'
import type { Size } from '#pipeline/latents'
import { renderSize } from '#pipeline/render-size'
import type { CreateSession } from '#pipeline/session'
import { throwIfCancelled } from '#pipeline/denoise'
import { parsePrompt } from '#pipeline/text/prompt-syntax'
import type { Engine, EngineJob, GenerateOptions, ImageResult } from './engine.ts'
import { prepareEdit, type PreparedEdit } from './edit/prepare-edit.ts'
import { createModelHolder, type LoadedModel } from './loaded-model.ts'
import { makeImage, type JobContext } from './make-image.ts'
import { createPreviewSender } from './preview-sender.ts'
import { savePicture } from './save-picture.ts'

export interface LocalEngineOptions {
  createSession: CreateSession
  /** Milliseconds on a clock that never goes back. */
  now: () => number
}

export function createLocalEngine({ createSession, now }: LocalEngineOptions): Engine {
  const models = createModelHolder(createSession)
  let running: Promise<unknown> | null = null

  async function run(job: EngineJob, options: GenerateOptions): Promise<ImageResult[]> {
    const startedAt = now()
    const context = await prepareJob(job, options)
    const saves: Promise<ImageResult>[] = []
    try {
      for (const image of job.outputs.keys()) {
        const imageStartedAt = image === 0 ? startedAt : now()
        const picture = await makeImage(context, image, { ...options, now })
        options.onEvent({ type: 'phase', image, phase: 'saving' })
        const saved = savePicture(job, image, picture).then(file => {
          const result = { ...file, image, durationMs: now() - imageStartedAt }
          options.onEvent({ type: 'image', result })
          return result
        })
        saved.catch(() => undefined) // looked at below; until then a failure may not count as unhandled
        saves.push(saved)
      }
    } finally {
      await Promise.allSettled(saves) // finished images are kept whatever ends the job
    }
    return Promise.all(saves)
  }

  async function prepareJob(job: EngineJob, { signal, onEvent }: GenerateOptions): Promise<JobContext> {
    const { request } = job
    if (!models.holds(job.modelFolder, job.threads)) onEvent({ type: 'phase', image: 0, phase: 'loading' })
    const model = await models.get(job.modelFolder, job.threads)
    throwIfCancelled(signal)
    const asked = { height: request.height, width: request.width }
    const fullSize = renderSize(asked, model.components)
    const edit = await openEdit(job, model, fullSize)
    for (const text of edit?.notices ?? []) onEvent({ type: 'notice', text })
    const size = edit?.size ?? fullSize
    if (edit === null && (size.height !== asked.height || size.width !== asked.width)) {
      const text = `Rendered at ${size.width}x${size.height} and cropped to ${asked.width}x${asked.height}: this model cannot make that size.`
      onEvent({ type: 'notice', text })
    }
    onEvent({ type: 'phase', image: 0, phase: 'encoding' })
    const conditions = await model.components.conditioner.encode({
      prompt: parsePrompt(request.prompt, 'prompt'),
      negativePrompt: request.negativePrompt === '' ? null : parsePrompt(request.negativePrompt, 'negativePrompt'),
      guided: usesNegativePrompt(model.components, request),
      size,
      truncate: false,
    })
    for (const text of conditions.notices) onEvent({ type: 'notice', text })
    throwIfCancelled(signal)
    const previews = createPreviewSender({
      jobId: job.id,
      size,
      now,
      send: preview => onEvent({ type: 'preview', preview }),
    })
    const scheduler = createModelScheduler(
      model.schedulerConfig,
      request.scheduler,
      request.sigmaSchedule,
      model.components.denoiser.inputs,
    )
    return { job, model, size, edit, conditions, scheduler, previews }
  }

  return {
    async generate(job, options) {
      if (running !== null) throw new AppError('internal', 'The engine makes one job at a time, and one is running.')
      const mine = run(job, options)
      running = mine
      try {
        return await mine
      } finally {
        running = null
      }
    },
    async unload() {
      await running?.catch(() => undefined)
      await models.release()
    },
    async dispose() {
      await running?.catch(() => undefined)
      await models.release()
    },
  }
}

async function openEdit(job: EngineJob, model: LoadedModel, fullSize: Size): Promise<PreparedEdit | null> {
  const { edit } = job.request
  if (edit === undefined) return null
  return prepareEdit({ ...job.request, edit }, job.sourcesFolder, model.components, fullSize)
}
