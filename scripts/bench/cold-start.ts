/** `npm run generate` as a user waits for it: from starting the process to the file, with the peak memory of both processes. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ROOT } from '../bootstrap/root.mjs'
import { PROMPT, SEED } from './bench-request.ts'
import { median, round } from './statistics.ts'

const LOOK_MS = 20

interface Observation {
  fileMs: number
  wholeMs: number
  peaks: Peaks
}

/** Largest resident sizes seen, in bytes; only Linux tells. */
interface Peaks {
  host: number
  engine: number
}

export async function benchColdStart({ steps, repeats }: { steps: number; repeats: number }) {
  const observations: Observation[] = []
  for (let i = 0; i < repeats; i++) observations.push(await observe(steps))
  const canSeeMemory = process.platform === 'linux'
  const peakMb = (role: keyof Peaks) =>
    canSeeMemory ? round(Math.max(...observations.map(({ peaks }) => peaks[role])) / 2 ** 20) : null
  return {
    steps,
    secondsToFile: round(median(observations.map(({ fileMs }) => fileMs)) / 1000),
    secondsToEnd: round(median(observations.map(({ wholeMs }) => wholeMs)) / 1000),
    peakHostMb: peakMb('host'),
    peakEngineMb: peakMb('engine'),
  }
}

async function observe(steps: number): Promise<Observation> {
  const folder = mkdtempSync(path.join(tmpdir(), 'easel-bench-'))
  const file = path.join(folder, 'picture.png')
  const peaks: Peaks = { host: 0, engine: 0 }
  const startedAt = performance.now()
  const child = spawn(
    process.execPath,
    ['scripts/bootstrap.mjs', 'generate', PROMPT, '--seed', String(SEED), '--steps', String(steps), '--out', file],
    {
      cwd: ROOT,
      env: { ...process.env, EASEL_HOME: path.join(folder, 'home') },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  )
  let fileMs: number | null = null
  const look = setInterval(() => {
    if (fileMs === null && existsSync(file)) fileMs = performance.now() - startedAt
    if (child.pid !== undefined) lookAtMemory(child.pid, peaks)
  }, LOOK_MS)
  try {
    await once(child, 'close')
    const wholeMs = performance.now() - startedAt
    if (child.exitCode !== 0) throw new Error(`generate ended with exit code ${child.exitCode}`)
    return { fileMs: fileMs ?? wholeMs, wholeMs, peaks }
  } finally {
    clearInterval(look)
    rmSync(folder, { recursive: true, force: true })
  }
}

/** bootstrap -> host -> engine: the child and the grandchild of what was started. */
function lookAtMemory(bootstrap: number, peaks: Peaks): void {
  if (process.platform !== 'linux') return
  for (const host of childrenOf(bootstrap)) {
    peaks.host = Math.max(peaks.host, peakOf(host))
    for (const engine of childrenOf(host)) peaks.engine = Math.max(peaks.engine, peakOf(engine))
  }
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap(task =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    )
  } catch {
    return [] // gone in the meantime
  }
}

function peakOf(pid: number): number {
  try {
    const [, kilobytes = '0'] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Number(kilobytes) * 1024
  } catch {
    return 0
  }
}
