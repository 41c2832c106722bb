/** A decoded picture -> the file of its image, with everything that made it inside. */
import { requestOfImage } from '#contract/generation'
import { addPictureInfo } from '#imaging/picture-png'
import { encodePng, type EncodablePicture } from '#imaging/png-encode'
import { AppError } from '#contract/errors'
import type { Notice } from '#contract/notices'
import type { UsedFile } from '#contract/picture-info'
import type { Provider } from '#contract/providers'
import type { EngineJob, ImageResult } from './engine.ts'
import { writePicture } from './write-picture.ts'

export interface PictureFacts {
  provider: Provider
  notices: Notice[]
  embeddings: readonly UsedFile[]
}

/** Throws `storage-full`; leaves no half file. */
export async function savePicture(
  job: EngineJob,
  image: number,
  picture: EncodablePicture,
  { provider, notices, embeddings }: PictureFacts,
): Promise<Omit<ImageResult, 'durationMs' | 'notices' | 'cost'>> {
  const path = job.outputs[image]
  const { width, height } = picture
  if (path === undefined) throw new AppError('internal', `Image ${image} of job ${job.id} has no output path.`)
  const bytes = addPictureInfo(await encodePng(picture), {
    request: requestOfImage(job.request, image),
    width,
    height,
    appVersion: job.appVersion,
    modelHash: job.modelHash,
    vaeHash: job.vae?.hash,
    refinerHash: job.refinerHash,
    loras: job.loras?.map(({ name, hash }) => ({ name, hash })),
    embeddings,
    ...(provider !== 'cpu' && { provider }),
    ...(notices.length > 0 && { notices }),
  })
  writePicture(path, bytes)
  return { image, path, width, height, sizeBytes: bytes.length }
}
