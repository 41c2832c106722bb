/** Opens the application as every host does: its log, its engine in a process of its own, its folders, the real clock and chance. */
import { randomInt } from 'node:crypto'
import { join, resolve } from 'node:path'
import type { AppInfo } from '#contract/api'
import { DRAWN_SEED_MAX } from '#contract/generation'
import { createRemoteEngine } from '#engine/remote-engine'
import { createApp, type App } from '#services/create-app'
import { createLog, type LogFile } from '#services/log'
import { forkEngine } from './fork-engine.ts'

export interface OpenAppOptions {
  host: AppInfo['host']
  dataFolder: string
  appVersion: string
  /** Folder with the models that come with Easel; those of the user lie in the data folder. */
  bundledModels: string
  nodeBinary: string
  engineEntry: string
  /** A job is going to be submitted: the engine starts while the rest is being opened. */
  isJobComing: boolean
  /** Opens the folder of a file; absent where nobody sits before this machine. */
  showFile?: (path: string) => void
}

export interface OpenedApp {
  app: App
  log: LogFile
  /** Stops the application, then the log. */
  close(): Promise<void>
}

const LOG_LIMITS = { maxBytes: 4 * 1024 * 1024, keep: 3 } as const

export async function openApp(options: OpenAppOptions): Promise<OpenedApp> {
  const dataFolder = resolve(options.dataFolder)
  const file = join(dataFolder, 'logs', 'easel.log')
  const log = createLog({ file, level: 'info', now: Date.now, ...LOG_LIMITS })
  const { nodeBinary, engineEntry } = options
  const engine = createRemoteEngine({ fork: () => forkEngine({ nodeBinary, entry: engineEntry, dataFolder }), log })
  if (options.isJobComing) engine.warmUp()
  try {
    const app = await createApp({
      dataFolder,
      modelFolders: [options.bundledModels, join(dataFolder, 'models')],
      host: options.host,
      appVersion: options.appVersion,
      engine,
      now: Date.now,
      drawSeed: () => randomInt(DRAWN_SEED_MAX + 1),
      log,
      showFile: options.showFile ?? null,
    })
    return { app, log, close: () => app.dispose().finally(() => log.flush()) }
  } catch (thrown) {
    await engine.dispose()
    await log.flush()
    throw thrown
  }
}
