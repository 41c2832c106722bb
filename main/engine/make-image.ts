/** One image of a job: its passes are run, their events become the engine's, the decoded picture becomes bytes. */
import { requestOfImage } from '#contract/generation'
import type { EncodablePicture } from '#imaging/png-encode'
import type { Size } from '#pipeline/latents'
import { toRgbImage } from '#pipeline/pixels'
import type { Scheduler } from '#pipeline/schedulers/scheduler'
import type { TextConditions } from '#pipeline/text/clip-conditioner'
import type { CheckpointFile } from './checkpoint-file.ts'
import { createConsumer } from './consume.ts'
import type { CostMeter } from './cost-meter.ts'
import { createRest } from './create-rest.ts'
import type { PreparedEdit } from './edit/prepare-edit.ts'
import type { UsedEmbeddings } from './embeddings/used-embeddings.ts'
import type { EngineJob, GenerateOptions } from './engine.ts'
import type { LoadedModel } from './loaded-model.ts'
import type { Notices } from './notices.ts'
import type { ControlPicture } from './passes/controls.ts'
import type { PreparedHires } from './passes/hires.ts'
import { paint } from './passes/paint.ts'
import type { PreviewSender } from './preview-sender.ts'

export interface JobContext {
  job: EngineJob
  /** As it was opened first: what it is. Its graphs may have been closed since. */
  model: LoadedModel
  /** The same with open graphs; loaded again where a refiner has taken its place. */
  openModel: () => Promise<LoadedModel>
  openRefiner: () => Promise<LoadedModel>
  /** What is rendered; the picture is cropped to what the request says. */
  size: Size
  /** null: from noise alone. */
  edit: PreparedEdit | null
  /** null: no second pass. */
  hires: PreparedHires | null
  controls: readonly ControlPicture[]
  /** null: the model finishes by itself. */
  refiner: { at: number } | null
  conditions: TextConditions
  /** Of the models that have been opened; a refiner's come with the first picture. */
  embeddings: UsedEmbeddings
  scheduler: Scheduler
  previews: PreviewSender
  notices: Notices
  checkpoints: CheckpointFile
  cost: CostMeter
}

/** Throws `cancelled` between two steps. */
export async function makeImage(
  context: JobContext,
  image: number,
  { signal, onEvent, now }: GenerateOptions & { now: () => number },
): Promise<EncodablePicture> {
  const { job, edit, hires, previews, notices, cost } = context
  const request = requestOfImage(job.request, image)
  const consume = createConsumer({ image, previews, notices, cost, now, onEvent })
  const { image: picture } = await paint(context, { request, consume, signal, rest: createRest(now) })
  return edit?.finish(picture) ?? toRgbImage(picture, 0, hires?.saved ?? request)
}
