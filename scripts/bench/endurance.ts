/**
 * Many generations with models in turn, through the application as every host opens it: whether memory grows and whether
 * something stays open. Memory, open files and threads are those of both processes, as Linux tells them; elsewhere they are null.
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
/** The code of every model is compiled and the heaps have their size: two and a half rounds of all models. */
const WARM = 50
/** One round: every model is in it as often. */
const SAMPLE = MODELS.length * PER_MODEL
/** What memory may gain or lose after warming up. */
const FLAT = 0.05

interface Reading {
  hostMb: number
  engineMb: number
  hostFiles: number
  engineFiles: number
  engineThreads: number
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
    engineThreads: readdirSync(`/proc/${enginePid}/task`).length,
  }
}

function residentMb(pid: number): number {
  const [, kilobytes = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) / 1024
}

/** Every round after warming up by its median; the first of them against the last, and the largest against the smallest. */
function summarise(readings: readonly Reading[]) {
  const steady = readings.slice(WARM)
  const rounds = Array.from({ length: Math.floor(steady.length / SAMPLE) }, (_, i) =>
    steady.slice(steady.length - (i + 1) * SAMPLE, steady.length - i * SAMPLE),
  ).reverse()
  if (rounds.length < 2) return { warmUp: WARM, hostMb: null, engineMb: null, hostFiles: null, engineFiles: null }
  const change = (field: keyof Reading) => {
    const medians = rounds.map(part => median(part.map(reading => reading[field])))
    const [before, after] = [medians[0], medians[medians.length - 1]]
    const spread = Math.max(...medians) / Math.min(...medians) - 1
    return { before: round(before), after: round(after), ratio: round(after / before), isFlat: spread <= FLAT }
  }
  return {
    warmUp: WARM,
    hostMb: change('hostMb'),
    engineMb: change('engineMb'),
    hostFiles: change('hostFiles'),
    engineFiles: change('engineFiles'),
    engineThreads: change('engineThreads'),
    engineMbEveryTwenty: readings.filter((_, i) => i % SAMPLE === SAMPLE - 1).map(({ engineMb }) => round(engineMb)),
  }
}

function ignore(): void {
  // what is logged is not measured
}
