/** The application on a folder of its own with a scriptable engine, closed when the test has ended. */
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { AppEvent } from '#contract/api'
import { isJobOver, type JobSnapshot } from '#contract/jobs'
import type { Engine } from '#engine/engine'
import { createApp, type App } from '#services/create-app'
import { createFakeEngine } from './fake-engine.ts'
import { scratchFolder } from './scratch-folder.ts'
import { createSilentLog, type SilentLog } from './silent-log.ts'

export const ROOT = join(import.meta.dirname, '../..')

export interface TestApp extends App {
  dataFolder: string
  /** Everything that was emitted, in order. */
  seen: AppEvent[]
  log: SilentLog
  /** Resolves with the job's last snapshot. */
  finished(id: string): Promise<JobSnapshot>
  /** Resolves with the first event that fits, also one of the past. */
  until(fits: (event: AppEvent) => boolean): Promise<AppEvent>
}

export interface TestAppOptions {
  engine?: Engine
  dataFolder?: string
  host?: 'electron' | 'server' | 'cli'
  modelFolders?: string[]
  showFile?: (path: string) => void
}

export async function openTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const dataFolder = options.dataFolder ?? (await scratchFolder())
  const log = createSilentLog()
  const app = await createApp({
    dataFolder,
    modelFolders: options.modelFolders ?? [join(ROOT, 'models')],
    host: options.host ?? 'server',
    appVersion: '1.2.3',
    engine: options.engine ?? createFakeEngine(),
    now: Date.now,
    drawSeed: () => 4242,
    log,
    showFile: options.showFile ?? null,
  })
  const seen: AppEvent[] = []
  const waiting = new Set<() => void>()
  app.events.subscribe(event => {
    seen.push(event)
    for (const look of waiting) look()
  })
  let disposal: Promise<void> | null = null
  const dispose = () => (disposal ??= app.dispose())
  onTestFinished(dispose)

  function until(fits: (event: AppEvent) => boolean): Promise<AppEvent> {
    return new Promise(resolve => {
      const look = () => {
        const found = seen.find(fits)
        if (found === undefined) return
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      look()
    })
  }

  return {
    ...app,
    dispose,
    dataFolder,
    seen,
    log,
    until,
    async finished(id) {
      await until(event => event.type === 'job' && event.job.id === id && isJobOver(event.job.state))
      return app.api.jobs.get({ id })
    },
  }
}
