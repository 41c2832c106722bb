/**
 * Everything of a job that comes before its first image: the model in memory, the size that it can make, the starting
 * picture of an edit, the encoded prompt, the sampler. Tells phases and notices on the way.
 */
import { AppError } from '#contract/errors'
import type { GenerationRequest } from '#contract/generation'
import { createNotice, type Notice } from '#contract/notices'
import type { MisfitWord } from '#pipeline/model-files'
import { namesWord } from '#pipeline/text/added-words'
import { createModelScheduler } from '#pipeline/model-scheduler'
import type { Size } from '#pipeline/latents'
import { taskNetwork } from '#pipeline/pipeline'
import { renderSize } from '#pipeline/render-size'
import { createSchedulerOfClass } from '#pipeline/schedulers/index'
import type { Scheduler } from '#pipeline/schedulers/scheduler'
import { isUpscaler } from '#pipeline/starts/fit-task'
import { throwIfCancelled } from '#pipeline/denoise'
import type { CheckpointFile } from './checkpoint-file.ts'
import type { CostMeter } from './cost-meter.ts'
import type { EngineJob, GenerateOptions } from './engine.ts'
import { prepareEdit, type PreparedEdit } from './edit/prepare-edit.ts'
import { createUsedEmbeddings } from './embeddings/used-embeddings.ts'
import { encodePrompts } from './encode-prompts.ts'
import type { LoadedModel, ModelHolder, OpeningChoice } from './loaded-model.ts'
import type { JobContext } from './make-image.ts'
import type { Notices } from './notices.ts'
import { readControls } from './passes/controls.ts'
import { prepareHires } from './passes/hires.ts'
import { createPreviewSender } from './preview-sender.ts'

interface PrepareOptions extends GenerateOptions {
  models: ModelHolder
  notices: Notices
  checkpoints: CheckpointFile
  cost: CostMeter
  now: () => number
}

/** Throws `cancelled` between its parts, and what loading, editing and encoding throw. */
export async function prepareJob(
  job: EngineJob,
  { models, notices, checkpoints, cost, now, signal, onEvent }: PrepareOptions,
): Promise<JobContext> {
  const { request } = job
  const load = async (choice: OpeningChoice): Promise<LoadedModel> => {
    if (models.find(choice) !== null) return models.get(choice)
    onEvent({ type: 'phase', image: 0, phase: 'loading' })
    const startedAt = now()
    const model = await models.get(choice)
    cost.loaded(now() - startedAt)
    return model
  }
  // One look at the embeddings' folders a job: its images are of one prompt.
  const open = async (choice: OpeningChoice) => models.find(choice) ?? load(choice)
  const openModel = () => open(job)
  const embeddings = createUsedEmbeddings(request)
  const openRefiner = async () => {
    const refiner = await open({ ...job, modelFolder: refinerFolderOf(job), loras: [] })
    embeddings.add(refiner.embeddings)
    return refiner
  }
  const model = await load(job)
  embeddings.add(model.embeddings)
  if (job.relief.includes('processor') && job.provider !== 'cpu')
    notices.tell(createNotice('memory-processor', { provider: job.provider }))
  notices.tellStanding()
  misfitNotices(model.misfits, request).forEach(notices.tell)
  model.notices.forEach(notices.tell)
  throwIfCancelled(signal)
  const asked = { height: request.height, width: request.width }
  const fullSize = renderSize(asked, model.components)
  const edit = await openEdit(job, model, fullSize)
  edit?.notices.forEach(notices.tell)
  const size = edit?.size ?? fullSize
  if (edit === null && (size.height !== asked.height || size.width !== asked.width)) {
    const [rendered, kept] = [size, asked].map(({ width, height }) => `${width}x${height}`)
    notices.tell(createNotice('size-cropped', { rendered, asked: kept }))
  }
  onEvent({ type: 'phase', image: 0, phase: 'encoding' })
  const conditions = await encodePrompts(model.components, request, size)
  conditions.notices.forEach(notices.tell)
  notices.tellStanding()
  throwIfCancelled(signal)
  const { hires: asksHires } = request
  const hires =
    asksHires === undefined ? null : await prepareHires({ ...request, hires: asksHires }, model.components, size)
  const controls = await readControls(request.controls ?? [], job.sourcesFolder, notices.tell)
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
  const passes = { edit, hires, controls, refiner: request.refiner ?? null }
  const books = { previews, notices, checkpoints, cost, embeddings }
  return { job, model, openModel, openRefiner, size, ...passes, conditions, scheduler, ...books }
}

/** A word that was meant to be an embedding's and is read as ordinary words must not pass in silence. */
function misfitNotices(misfits: readonly MisfitWord[], { prompt, negativePrompt }: GenerationRequest): Notice[] {
  return misfits
    .filter(({ spellings }) => namesWord(`${prompt}\n${negativePrompt}`, spellings))
    .map(({ spellings, reason }) => createNotice('embedding-unused', { name: spellings[0], reason }))
}

function refinerFolderOf({ refinerFolder }: EngineJob): string {
  if (refinerFolder !== undefined) return refinerFolder
  throw new AppError('internal', 'A job with a refiner came without the folder of its model.')
}

async function openEdit(job: EngineJob, model: LoadedModel, fullSize: Size): Promise<PreparedEdit | null> {
  const { edit } = job.request
  if (edit === undefined) return null
  const request = { ...job.request, edit }
  return prepareEdit(request, job.sourcesFolder, model.components, fullSize, openLowResScheduler(model))
}

/** Null for models that are no upscalers. */
function openLowResScheduler({ components, lowResSchedulerConfig: config }: LoadedModel): Scheduler | null {
  if (!isUpscaler(taskNetwork(components))) return null
  if (config !== null) return createSchedulerOfClass(String(config['_class_name']), config)
  const file = 'low_res_scheduler/scheduler_config.json'
  throw new AppError('model-missing', `This model makes pictures larger, but has no ${file}.`, { details: { file } })
}
