/** Where an image stands among its passes: what was kept of an interrupted attempt, and what this one keeps on the way. */
import type { GenerationRequest } from '#contract/generation'
import type { ImageRequest } from '#pipeline/pipeline'
import { createNotice } from '#contract/notices'
import type { FloatTensor } from '#pipeline/tensor'
import type { AboutPass } from '../consume.ts'
import type { LoadedModel } from '../loaded-model.ts'
import type { JobContext } from '../make-image.ts'

export interface Place {
  /** The run of this pass, going on where it was interrupted. */
  resume(request: ImageRequest, pass: number): ImageRequest
  /** What the pass before `pass` has made, where that was kept. */
  earlierThan(pass: number): FloatTensor | null
  /** `earlier` is what the pass before it has made. */
  about(model: LoadedModel, pass: number, earlier?: FloatTensor): AboutPass
}

/** `request` is of this image. */
export async function openPlace({ job, checkpoints, notices }: JobContext, request: GenerationRequest): Promise<Place> {
  const { modelHash, appVersion, loras = [] } = job
  const of = { request, modelHash, appVersion, loras: loras.map(({ hash }) => hash) }
  const kept = await checkpoints.load(of)
  if (kept !== null) {
    notices.tell(createNotice('resumed', { step: kept.checkpoint.index + 1 }))
  }
  return {
    resume: (run, pass) => (kept?.pass === pass ? { ...run, resume: kept.checkpoint } : run),
    earlierThan: pass => (kept?.pass === pass ? kept.earlier : null),
    about: (model, pass, earlier) => ({
      preview: model.preview,
      factor: model.components.autoencoder.factor,
      later: 0,
      keep: checkpoint => checkpoints.offer(of, () => ({ pass, earlier: earlier ?? null, checkpoint: checkpoint() })),
    }),
  }
}
