/** Performs one job of the queue: finds its model, has the missing images made, and records each one as it comes. */
import type { Engine, EngineEvent } from '#engine/engine'
import { requestOfImage } from '#contract/generation'
import type { JobSnapshot } from '#contract/jobs'
import type { CheckpointFiles } from '#storage/checkpoint-files'
import { IMAGE_SUFFIX, type ImageFiles } from '#storage/image-files'
import type { JobStore } from '#storage/job-store'
import { readPictureFile } from '#storage/picture-file'
import type { Estimates } from './estimates.ts'
import type { Events } from './events.ts'
import type { GalleryService } from './gallery.ts'
import { advance, startProgress } from './job-progress.ts'
import { runJob } from './job-runner.ts'
import type { JobControl } from './live-jobs.ts'
import type { LorasService } from './loras.ts'
import type { ModelsService } from './models.ts'
import { imageIdOf } from '#contract/image-id'
import type { Notice } from '#contract/notices'
import type { SettingsService } from './settings.ts'

export interface PerformOptions {
  store: JobStore
  gallery: GalleryService
  files: ImageFiles
  models: ModelsService
  loras: Pick<LorasService, 'filesOf'>
  settings: SettingsService
  engine: Engine
  estimates: Pick<Estimates, 'record'>
  /** Where images in work are kept. */
  checkpoints: CheckpointFiles
  /** Where the pictures lie that edits start from. */
  sourcesFolder: string
  events: Events
  appVersion: string
  now: () => number
}

/** What is known of a picture's file; the engine says it, or a file that was left by a crash. */
interface MadePicture {
  image: number
  width: number
  height: number
  sizeBytes: number
  durationMs: number | null
  notices: Notice[]
}

export async function performJob(job: JobSnapshot, control: JobControl, options: PerformOptions): Promise<void> {
  const { change, signal, skipped, nextSkip } = control
  const { id, request } = job
  const { files, settings } = options
  const { imagesFolder: folder, threads, provider, memoryMb } = settings.current()
  let modelHash = ''
  const outputOf = (image: number) => files.pathOf(folder, imageIdOf(id, image) + IMAGE_SUFFIX)
  const record = recorder(job, folder, change, options)
  const imagesToMake = () => imagesLeftOut(request.images, new Set([...record.finished, ...skipped()]))
  let notices = job.notices
  let progress = startProgress(imagesToMake()[0] ?? 0, request.steps)
  change({ progress: progress.shown })

  function onEvent(event: EngineEvent): void {
    switch (event.type) {
      case 'preview':
        options.events.emit(event)
        break
      case 'notice':
        notices = [...notices, event.notice]
        change({ notices })
        break
      case 'image':
        record.add(event.result)
        options.estimates.record(request, modelHash, { threads, provider, memoryMb }, event.result.cost)
        break
      case 'phase':
      case 'step':
        progress = advance(progress, event, imagesToMake().filter(i => i > event.image).length)
        change({ progress: progress.shown })
    }
  }

  await files.prepare(folder)
  await options.checkpoints.prepare()
  for (const image of imagesLeftOut(request.images, record.finished)) {
    const left = await readPictureFile(outputOf(image)) // written just before a crash, but not recorded
    if (left !== null) record.add({ ...left, image, durationMs: null, notices: left.info.notices ?? [] })
  }
  const modelFolder = await options.models.folderOf(request.model)
  modelHash = await options.models.hashOf(modelFolder, signal)
  const vae = request.vae === undefined ? undefined : await options.models.vaeOf(request.vae, signal)
  const refinerFolder = request.refiner && (await options.models.folderOf(request.refiner.model))
  const refinerHash = refinerFolder && (await options.models.hashOf(refinerFolder, signal))
  const loraFiles = await options.loras.filesOf(request, signal)
  try {
    await runJob(
      {
        id,
        request,
        modelFolder,
        refinerFolder,
        refinerHash,
        loraFiles,
        vae,
        modelHash,
        appVersion: options.appVersion,
        threads,
        provider,
        memoryMb,
        checkpoint: options.checkpoints.pathOf(id),
        sourcesFolder: options.sourcesFolder,
        outputOf,
      },
      { engine: options.engine, signal, skipped, nextSkip, finished: () => record.finished, onEvent },
    )
  } finally {
    for (const image of imagesLeftOut(request.images, record.finished)) {
      await files.removePart(folder, imageIdOf(id, image) + IMAGE_SUFFIX)
    }
  }
}

function imagesLeftOut(images: number, finished: ReadonlySet<number>): number[] {
  return Array.from({ length: images }, (_, image) => image).filter(image => !finished.has(image))
}

/** Puts pictures into the gallery and their ids into the job's results. */
function recorder(job: JobSnapshot, folder: string | null, change: JobControl['change'], options: PerformOptions) {
  const finished = options.store.finishedImages(job.id)
  return {
    finished: finished as ReadonlySet<number>,
    add({ image, width, height, sizeBytes, durationMs, notices }: MadePicture): void {
      const id = imageIdOf(job.id, image)
      options.gallery.add({
        record: {
          id,
          jobId: job.id,
          createdAt: options.now(),
          fileName: id + IMAGE_SUFFIX,
          width,
          height,
          sizeBytes,
          request: requestOfImage(job.request, image),
          durationMs,
          notices,
          favourite: false,
        },
        imageIndex: image,
        folder,
      })
      finished.add(image)
      change({ results: [...finished].sort((a, b) => a - b).map(done => imageIdOf(job.id, done)) })
    },
  }
}
