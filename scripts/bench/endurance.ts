/**
 * Many generations with models in turn, through the application as every host opens it: whether memory grows and whether
 * something stays open. Memory and open files are those of both processes, as Linux tells them; elsewhere they are null.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { isJobOver } from '#contract/jobs'
import { createRemoteEngine } from '#engine/remote-engine'
import { forkEngine } from '#hosts/fork-engine'
import { createApp, type App } from '#services/create-app'
import { ROOT } from '../bootstrap/root.mjs'
import { median, round } from './statistics.ts'

const MODELS = ['sd15', 'lcm', 'sd21-v', 'sdxl']
const PER_MODEL = 5
/** The first round of all models is warming up. */
const WARM = MODELS.length * PER_MODEL
const SAMPLE = 20

interface Reading {
  hostMb: number
  engineMb: number
  hostFiles: number
  engineFiles: number
}

export async function benchEndurance({ generations }: { generations: number }) {
  const folder = mkdtempSync(path.join(tmpdir(), 'easel-endurance-'))
  const models = path.join(folder, 'models')
  mkdirSync(models)
  for (const model of MODELS)
    cpSync(path.join(ROOT, 'test/fixtures/models', model), path.join(models, model), { recursive: true })
  const log = { debug: ignore, info: ignore, warn: ignore, error: ignore }
  const entry = path.join(ROOT, 'main/engine/engine-process.ts')
  const engine = createRemoteEngine({
    log,
    fork: () => forkEngine({ nodeBinary: process.execPath, entry, dataFolder: path.join(folder, 'data') }),
  })
  const app = await createApp({
    dataFolder: path.join(folder, 'data'),
    modelFolders: [models],
    ...{ host: 'cli', appVersion: 'bench', engine, now: Date.now, drawSeed: () => 0, log, showFile: null },
  })
  const readings: Reading[] = []
  try {
    for (let i = 0; i < generations; i++) {
      await generate(app, MODELS[Math.floor(i / PER_MODEL) % MODELS.length] ?? MODELS[0], i)
      if (process.platform === 'linux' && engine.pid !== null) readings.push(read(engine.pid))
    }
    return { generations, switches: Math.ceil(generations / PER_MODEL) - 1, ...summarise(readings) }
  } finally {
    await app.dispose()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function generate(app: App, model: string, seed: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  const unsubscribe = app.events.subscribe(event => {
    if (event.type !== 'job' || !isJobOver(event.job.state)) return
    if (event.job.error === null) resolve(undefined)
    else reject(new Error(event.job.error.message))
  })
  await app.api.jobs.submit({ model, prompt: 'a red boat', seed, width: 64, height: 64, steps: 2 })
  await promise.finally(unsubscribe)
}

function read(enginePid: number): Reading {
  return {
    hostMb: residentMb(process.pid),
    engineMb: residentMb(enginePid),
    hostFiles: readdirSync(`/proc/${process.pid}/fd`).length,
    engineFiles: readdirSync(`/proc/${enginePid}/fd`).length,
  }
}

function residentMb(pid: number): number {
  const [, kilobytes = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) / 1024
}

/** The median of the first round after warming up against that of the last one: all models are in each. */
function summarise(readings: readonly Reading[]) {
  const [early, late] = [readings.slice(WARM, WARM + SAMPLE), readings.slice(-SAMPLE)]
  const change = (field: keyof Reading) => {
    if (early.length < SAMPLE || late.length < SAMPLE) return null
    const [before, after] = [early, late].map(part => median(part.map(reading => reading[field])))
    return { before: round(before), after: round(after), ratio: round(after / before) }
  }
  return {
    hostMb: change('hostMb'),
    engineMb: change('engineMb'),
    hostFiles: change('hostFiles'),
    engineFiles: change('engineFiles'),
    engineMbEveryTwenty: readings.filter((_, i) => i % SAMPLE === SAMPLE - 1).map(({ engineMb }) => round(engineMb)),
  }
}

function ignore(): void {
  // what is logged is not measured
}
