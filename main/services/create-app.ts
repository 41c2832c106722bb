/**
 * The composition root: opens what is durable, makes the services and joins them. Everything that is outside (clock,
 * chance, engine, folders) comes in as an argument; everything that runs is stopped by `dispose`.
 */
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Api, AppEvent, AppInfo } from '#contract/api'
import { AppError } from '#contract/errors'
import type { Log } from '#contract/log'
import { providersOf } from '#contract/providers'
import type { Engine } from '#engine/engine'
import { isUnfinished } from '#contract/jobs'
import { createEstimates } from './estimates.ts'
import { createEvents } from './events.ts'
import { createGallery } from './gallery.ts'
import { createIdleUnload } from './idle-unload.ts'
import { createJobQueue, type JobQueueOptions } from './job-queue.ts'
import { createJobs } from './jobs.ts'
import { createLoras } from './loras.ts'
import { createModels } from './models.ts'
import { openStorage, type Storage } from './open-storage.ts'
import { performJob } from './perform-job.ts'
import { keepAlive } from './keep-alive.ts'
import { createPresets } from './presets.ts'
import { createProcessRegistry, isProcessAlive } from './process-registry.ts'
import { rebuildIndex } from './reindex.ts'
import { createSettings } from './settings.ts'
import { createSourceCopies } from './source-copies.ts'
import { createSources } from './sources.ts'
import { createStyles } from './styles.ts'
import { createThumbnails, type ThumbnailFile } from './thumbnails.ts'
import { watchOthers } from './watch-others.ts'
import { createWildcards } from './wildcards.ts'

export interface AppOptions {
  /** Absolute; made when it is missing. Several processes may share it. */
  dataFolder: string
  /** Absolute folders that hold one folder a model. */
  modelFolders: string[]
  host: AppInfo['host']
  appVersion: string
  engine: Engine
  now: () => number
  /** A whole number from 0 to DRAWN_SEED_MAX. */
  drawSeed: () => number
  log: Log
  /** See gallery.ts; null where the host has no screen of its own. */
  showFile: ((path: string) => void) | null
}

export interface App {
  api: Api
  events: { subscribe(listener: (event: AppEvent) => void): () => void }
  /** Absolute path of a picture's file; throws `not-found`. */
  imageFile(id: string): Promise<string>
  /** What a grid shows of a picture, also of one in the bin; throws `not-found`. */
  thumbnailFile(id: string): Promise<ThumbnailFile>
  /** Stops everything; unfinished jobs go on at the next start. */
  dispose(): Promise<void>
}

/** A database that turns out to be damaged only now is looked at page by page by a second try, and begun anew. */
export async function createApp(options: AppOptions): Promise<App> {
  try {
    return await openOnce(options)
  } catch (thrown) {
    if (!(thrown instanceof AppError) || thrown.code !== 'storage-corrupt') throw thrown
    options.log.warn('The database is damaged and is opened once more', { reason: thrown.message })
    return openOnce(options)
  }
}

async function openOnce(options: AppOptions): Promise<App> {
  const storage = await openStorage(options.dataFolder, options.now)
  try {
    return await assemble(storage, options)
  } catch (thrown) {
    storage.close()
    throw thrown
  }
}

async function assemble(storage: Storage, options: AppOptions): Promise<App> {
  const { dataFolder, modelFolders, host, appVersion, engine, now, drawSeed, log, showFile } = options
  const { jobs: store, images, files, checkpoints, sourceFiles } = storage
  const { hashesFile, wildcardsFolder, lorasFolder, damagedCopy } = storage
  const events = createEvents(log)
  const usableModels = async () => (await models.usable()).map(({ summary }) => summary.id)
  const settings = await createSettings({ file: storage.settingsFile, files, usableModels, events, log, now })
  const presets = await createPresets({ file: storage.presetsFile, events, log, now })
  const notices = [...settings.notices, ...presets.notices]
  if (storage.isNew) {
    const folder = settings.current().imagesFolder
    notices.push(...(await rebuildIndex({ store: images, files, folder, damagedCopy, log })))
  }
  const copies = createSourceCopies({ files: sourceFiles, use: storage.sourceUse, now, log })
  const gallery = createGallery({ store: images, files, thumbnails: storage.thumbnails, copies, events, now, showFile })
  const thumbnails = createThumbnails({ files: storage.thumbnails, engine, pictureOf: gallery.pictureOf, log })
  const models = createModels({ modelFolders, vaeFolder: join(dataFolder, 'vae'), engine, events, hashesFile, log })
  const loras = createLoras({ folders: [lorasFolder, ...modelFolders.map(parent => join(parent, 'loras'))], models })
  const sources = createSources({ files: sourceFiles, imageFile: gallery.fileOf })
  const estimates = createEstimates({ store: storage.measurements, settings: settings.current, models })
  const idle = createIdleUnload(estimates.watch(engine), () => settings.current().idleUnloadMinutes, log)
  const self = { id: randomUUID(), pid: process.pid, machine: hostname(), host }
  const registry = createProcessRegistry({ store: storage.processes, self, now, isAlive: isProcessAlive })
  const shared = { store, files, models, loras, settings, estimates, events, now }
  const work = { ...shared, gallery, engine, checkpoints, sourcesFolder: sources.folder, appVersion }
  const run: JobQueueOptions['run'] = (job, control) => performJob(job, control, work)
  const forget = (jobId: string): Promise<void> => checkpoints.remove(jobId)
  const queue = createJobQueue({ store, owner: self.id, events, now, log, onIdle: idle.onIdle, run, forget })
  if (host !== 'cli') await checkpoints.sweep(id => isUnfinished(store.find(id)))
  const swept = host === 'cli' ? null : copies.sweep()
  const stopAdopting = keepAlive({ registry, store, queue, owner: self.id, adopts: host !== 'cli', log })
  const stopWatching = watchOthers({ versionOfOthers: storage.versionOfOthers, store: images, settings, events, log })

  return {
    api: {
      app: {
        async info() {
          const imagesFolder = settings.current().imagesFolder ?? files.defaultFolder
          return { ...infoOf(options), imagesFolder, notices }
        },
      },
      jobs: createJobs({ ...shared, queue, sources, wildcardsFolder, drawSeed }),
      gallery: gallery.api,
      sources: sources.api,
      models: models.api,
      loras: loras.api,
      styles: createStyles({ file: storage.stylesFile, events }),
      presets: presets.api,
      wildcards: createWildcards({ folder: wildcardsFolder, events }),
      settings: settings.api,
    },
    events: { subscribe: events.subscribe },
    imageFile: gallery.fileOf,
    thumbnailFile: thumbnails.fileOf,
    async dispose() {
      stopAdopting()
      stopWatching()
      idle.dispose()
      const closed = queue.close()
      await engine.dispose()
      await closed
      await swept
      try {
        registry.leave()
      } catch (thrown) {
        log.warn('The register of processes could not be written', { reason: String(thrown) }) // it will count as dead
      }
      storage.close()
    },
  }
}

function infoOf({ appVersion, host, modelFolders }: AppOptions): Omit<AppInfo, 'imagesFolder' | 'notices'> {
  const providers = providersOf(process.platform, process.arch)
  return { name: 'Easel', version: appVersion, host, modelFolders, providers }
}
