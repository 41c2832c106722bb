/** Whether the host keeps answering while the engine works: the longest time its event loop stood still during a job. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isJobOver, type JobSnapshot } from '#contract/jobs'
import { openApp } from '#hosts/open-app'
import { ROOT } from '../bootstrap/root.mjs'
import { createBenchRequest } from './bench-request.ts'
import { round } from './statistics.ts'

const RESOLUTION_MS = 5

export async function benchResponsiveness({ steps, images }: { steps: number; images: number }) {
  const dataFolder = mkdtempSync(path.join(tmpdir(), 'easel-bench-'))
  const { app, close } = await openApp({
    host: 'server',
    dataFolder,
    appVersion: 'bench',
    bundledModels: path.join(ROOT, 'models'),
    nodeBinary: process.execPath,
    engineEntry: path.join(ROOT, 'main/engine/engine-process.ts'),
    isJobComing: false,
  })
  try {
    const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
    const { promise, resolve } = Promise.withResolvers<JobSnapshot>()
    const stop = app.events.subscribe(event => {
      if (event.type === 'job' && isJobOver(event.job.state)) resolve(event.job)
    })
    delay.enable()
    await app.api.jobs.submit(createBenchRequest(steps, images))
    const job = await promise
    delay.disable()
    stop()
    if (job.error !== null) throw new Error(job.error.message)
    return { steps, images, longestPauseMs: round(delay.max / 1e6), typicalPauseMs: round(delay.percentile(50) / 1e6) }
  } finally {
    await close()
    rmSync(dataFolder, { recursive: true, force: true })
  }
}
