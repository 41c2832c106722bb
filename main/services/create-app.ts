/**
 * The composition root: opens what is durable, makes the services and joins them. Everything that is outside (clock,
 * chance, engine, folders) comes in as an argument; everything that runs is stopped by `dispose`.
 */
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Api, AppEvent, AppInfo } from '#contract/api'
import type { Log } from '#contract/log'
import type { Engine } from '#engine/engine'
import { openDatabase } from '#storage/database'
import { createGalleryStore } from '#storage/gallery-store'
import { createImageFiles } from '#storage/image-files'
import { createJobStore, type JobStore } from '#storage/job-store'
import { createProcessStore } from '#storage/process-store'
import { createEvents } from './events.ts'
import { createGallery } from './gallery.ts'
import { createIdleUnload } from './idle-unload.ts'
import { createJobQueue, type JobQueue } from './job-queue.ts'
import { createJobs } from './jobs.ts'
import { createModels } from './models.ts'
import { performJob } from './perform-job.ts'
import { BEAT_MS, createProcessRegistry, isProcessAlive, type ProcessRegistry } from './process-registry.ts'
import { reindex } from './reindex.ts'
import { createSettings } from './settings.ts'

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
}

export interface App {
  api: Api
  events: { subscribe(listener: (event: AppEvent) => void): () => void }
  /** Absolute path of a picture's file; throws `not-found`. */
  imageFile(id: string): Promise<string>
  /** Stops everything; unfinished jobs go on at the next start. */
  dispose(): Promise<void>
}

export async function createApp(options: AppOptions): Promise<App> {
  const { dataFolder, modelFolders, host, appVersion, engine, now, drawSeed, log } = options
  const { database, isNew, damagedCopy } = openDatabase(join(dataFolder, 'easel.db'), now)
  const store = createJobStore(database)
  const images = createGalleryStore(database)
  const files = createImageFiles(join(dataFolder, 'images'))
  const events = createEvents(log)
  const settings = await createSettings({
    file: join(dataFolder, 'settings.json'),
    imageFiles: files,
    events,
    log,
    now,
  })
  const notices = [...settings.notices]
  if (isNew) {
    const found = await indexFiles()
    if (damagedCopy !== null) notices.push(rebuiltNotice(damagedCopy, found))
    log.info('The gallery was indexed from its files', { pictures: found, damagedCopy })
  }
  const gallery = createGallery({ store: images, files, events, now })
  const models = createModels({ modelFolders, events })
  const idle = createIdleUnload(engine, () => settings.current().idleUnloadMinutes, log)
  const self = { id: randomUUID(), pid: process.pid, machine: hostname(), host }
  const registry = createProcessRegistry({ store: createProcessStore(database), self, now, isAlive: isProcessAlive })
  const queue = createJobQueue({
    store,
    owner: self.id,
    events,
    now,
    log,
    onIdle: idle.onIdle,
    run: (job, change, signal) =>
      performJob(job, change, signal, { store, gallery, files, models, settings, engine, events, appVersion, now }),
  })
  const stopAdopting = keepAlive({ registry, store, queue, owner: self.id, adopts: host !== 'cli', log })

  async function indexFiles(): Promise<number> {
    const chosen = settings.current().imagesFolder
    const inChosen = chosen === null ? 0 : await reindex(images, files, chosen)
    return inChosen + (await reindex(images, files, null))
  }

  return {
    api: {
      app: {
        info: async () => ({
          name: 'Easel',
          version: appVersion,
          host,
          imagesFolder: settings.current().imagesFolder ?? files.defaultFolder,
          modelFolders,
          notices,
        }),
      },
      jobs: createJobs({ store, queue, files, models, settings, now, drawSeed }),
      gallery: gallery.api,
      models: models.api,
      settings: settings.api,
    },
    events: { subscribe: events.subscribe },
    imageFile: gallery.fileOf,
    async dispose() {
      stopAdopting()
      idle.dispose()
      const closed = queue.close()
      await engine.dispose()
      await closed
      try {
        registry.leave()
      } catch (thrown) {
        log.warn('The register of processes could not be written', { reason: String(thrown) }) // it will count as dead
      }
      database.close()
    },
  }
}

function rebuiltNotice(damagedCopy: string, pictures: number): string {
  return `The database was damaged. It was moved to ${damagedCopy} and the gallery rebuilt from ${pictures} picture files; favourites and the queue are lost.`
}

interface KeepAliveOptions {
  registry: ProcessRegistry
  store: JobStore
  queue: JobQueue
  owner: string
  /** A CLI run does its own job and leaves; only a host that stays takes over the jobs of dead ones. */
  adopts: boolean
  log: Log
}

/** Signs of life and adoption, now and every few seconds; returns what stops it. */
function keepAlive({ registry, store, queue, owner, adopts, log }: KeepAliveOptions): () => void {
  function adoptOrphans(): void {
    if (!adopts) return
    registry.removeDead()
    for (const id of store.adoptOrphans(owner)) {
      log.info('An unfinished job goes on', { job: id })
      queue.adopt(id)
    }
  }
  adoptOrphans()
  const timer = setInterval(() => {
    try {
      registry.beat()
      adoptOrphans()
    } catch (thrown) {
      log.warn('The register of processes could not be written', { reason: String(thrown) })
    }
  }, BEAT_MS)
  timer.unref()
  return () => clearInterval(timer)
}
