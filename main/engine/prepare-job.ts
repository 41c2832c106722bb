/**
 * Everything of a job that comes before its first image: the model in memory, the size that it can make, the starting
 * picture of an edit, the encoded prompt, the sampler. Tells phases and notices on the way.
 */
import { usesNegativePrompt } from '#pipeline/guide-model'
import { createModelScheduler } from '#pipeline/model-scheduler'
import type { Size } from '#pipeline/latents'
import { renderSize } from '#pipeline/render-size'
import { throwIfCancelled } from '#pipeline/denoise'
import { parsePrompt } from '#contract/prompt-syntax'
import type { EngineJob, GenerateOptions } from './engine.ts'
import { prepareEdit, type PreparedEdit } from './edit/prepare-edit.ts'
import type { LoadedModel, ModelHolder } from './loaded-model.ts'
import type { JobContext } from './make-image.ts'
import { createPreviewSender } from './preview-sender.ts'

interface PrepareOptions extends GenerateOptions {
  models: ModelHolder
  now: () => number
}

/** Throws `cancelled` between its parts, and what loading, editing and encoding throw. */
export async function prepareJob(
  job: EngineJob,
  { models, now, signal, onEvent }: PrepareOptions,
): Promise<JobContext> {
  const { request } = job
  if (!models.holds(job)) onEvent({ type: 'phase', image: 0, phase: 'loading' })
  const model = await models.get(job)
  for (const text of model.providers.notices) onEvent({ type: 'notice', text })
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
    clipSkip: request.clipSkip,
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

async function openEdit(job: EngineJob, model: LoadedModel, fullSize: Size): Promise<PreparedEdit | null> {
  const { edit } = job.request
  if (edit === undefined) return null
  return prepareEdit({ ...job.request, edit }, job.sourcesFolder, model.components, fullSize)
}
