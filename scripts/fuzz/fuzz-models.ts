/**
 * Damages copies of the fixture models and asks what a user would: is this a model, and make a picture with it. Whatever the
 * damage, the answer has to be a picture or an error with a code that is not "internal", soon, and the host has to live on.
 */
import { cpSync, linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { toErrorPayload } from '#contract/errors'
import { inspectModel } from '#catalog/detect/inspect-model'
import type { Engine, EngineJob } from '#engine/engine'
import { createChance, type Chance } from './chance.ts'
import { MUTATIONS } from './mutations.ts'

const MODELS = path.join(import.meta.dirname, '../../test/fixtures/models')
const BASES = ['sd15', 'sd21-v', 'sdxl', 'lcm', 'sd15-inpaint', 'flux/tiny-flux-dev', 'sd3/tiny-sd3']
const TYPED = /^(model-missing|model-corrupt|model-incompatible|invalid-input|out-of-memory|engine-lost|not-found)$/

export interface FuzzOptions {
  seed: number
  count: number
  engine: Engine
  now: () => number
  /** How long one folder may take. */
  limitMs: number
  onResult?: (result: FuzzResult) => void
}

export interface FuzzResult {
  seed: number
  base: string
  mutations: string[]
  /** The verdict's: usable or the first problem's code. */
  verdict: string
  /** The engine's: "picture" or the code of its error. */
  outcome: string
  /** What came with it. */
  said: string
  inspectMs: number
  engineMs: number
  isSlow: boolean
  /** Why this is not what it has to be; null: it is. */
  fault: string | null
}

export async function fuzzModels(options: FuzzOptions): Promise<FuzzResult[]> {
  const root = mkdtempSync(path.join(tmpdir(), 'easel-fuzz-'))
  const results: FuzzResult[] = []
  try {
    await draw(options.engine, { folder: path.join(MODELS, BASES[0]), base: BASES[0], root }, 60_000) // the process has started and read its code
    for (let i = 0; i < options.count; i++) {
      const result = await fuzzOne(root, options.seed + i, options)
      results.push(result)
      options.onResult?.(result)
    }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
  return results
}

/** A busy machine is slow without a fault: what took too long is done again, and the fastest of three counts. */
async function fuzzOne(root: string, seed: number, options: FuzzOptions): Promise<FuzzResult> {
  let best = await tryOne(root, seed, options)
  for (let again = 0; again < 2 && best.isSlow; again++) {
    const next = await tryOne(root, seed, options)
    if (Math.max(next.inspectMs, next.engineMs) < Math.max(best.inspectMs, best.engineMs)) best = next
  }
  return best
}

async function tryOne(root: string, seed: number, { engine, now, limitMs }: FuzzOptions): Promise<FuzzResult> {
  const chance = createChance(seed)
  const base = chance.pick(BASES)
  const folder = path.join(root, `model-${seed}`)
  linkModel(path.join(MODELS, base), folder)
  const mutations = Array.from({ length: 1 + chance.below(3) }, () => mutate(folder, chance))
  const startedAt = now()
  const verdict = await inspectModel(folder).then(
    ({ problems }) => problems[0]?.code ?? 'usable',
    (thrown: unknown) => toErrorPayload(thrown).code,
  )
  const inspectedAt = now()
  const outcome = await draw(engine, { folder, base, root }, limitMs)
  const [inspectMs, engineMs] = [inspectedAt - startedAt, now() - inspectedAt]
  rmSync(folder, { recursive: true, force: true })
  const fault = faultOf({ verdict, outcome, inspectMs, engineMs }, limitMs)
  const isSlow = Math.max(inspectMs, engineMs) > limitMs
  return {
    seed,
    base,
    mutations,
    verdict,
    outcome: outcome.code,
    said: outcome.message,
    inspectMs,
    engineMs,
    isSlow,
    fault,
  }
}

interface Outcome {
  code: string
  message: string
}

function faultOf(
  { verdict, outcome, inspectMs, engineMs }: { verdict: string; outcome: Outcome; inspectMs: number; engineMs: number },
  limitMs: number,
): string | null {
  if (verdict !== 'usable' && !TYPED.test(verdict)) return `the verdict is ${verdict}`
  if (outcome.code !== 'picture' && !TYPED.test(outcome.code))
    return `the engine says ${outcome.code}: ${outcome.message}`
  if (inspectMs > limitMs) return `the verdict took ${Math.round(inspectMs)} ms`
  return engineMs > limitMs ? `the engine took ${Math.round(engineMs)} ms (${outcome.code})` : null
}

function mutate(folder: string, chance: Chance): string {
  const kind = chance.pick(Object.keys(MUTATIONS))
  return `${kind}: ${MUTATIONS[kind](folder, listFiles(folder), chance)}`
}

/** Links instead of copies: 2,000 models are 2 GB. Goldens are left out. */
function linkModel(from: string, to: string): void {
  for (const file of listFiles(from).filter(name => !name.startsWith('golden/'))) {
    mkdirSync(path.dirname(path.join(to, file)), { recursive: true })
    try {
      linkSync(path.join(from, file), path.join(to, file))
    } catch {
      cpSync(path.join(from, file), path.join(to, file)) // another disk
    }
  }
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort()
}

interface Place {
  folder: string
  base: string
  root: string
}

async function draw(engine: Engine, place: Place, limitMs: number): Promise<Outcome> {
  const stop = AbortSignal.timeout(Math.min(5 * limitMs, 120_000)) // a hang is a fault that is reported, not one that stops the run
  try {
    await engine.generate(toJob(place), { signal: stop, onEvent: () => undefined })
    return { code: 'picture', message: '' }
  } catch (thrown) {
    const { code, message } = toErrorPayload(thrown)
    return { code, message }
  }
}

function toJob({ folder, base, root }: Place): EngineJob {
  const isFlow = /flux|sd3/.test(base)
  return {
    id: 'fuzz',
    modelFolder: folder,
    request: {
      model: 'fuzz',
      prompt: 'a red fox',
      negativePrompt: 'blue',
      width: 64,
      height: 64,
      steps: 1,
      guidance: 3,
      guidanceRescale: 0,
      scheduler: isFlow ? 'flow-match-euler' : 'ddim',
      sigmaSchedule: 'model',
      seed: 1,
      noiseSource: 'torch-cpu',
      variationSeed: 0,
      variationStrength: 0,
      clipSkip: 0,
      images: 1,
    },
    outputs: [path.join(root, 'picture.png')],
    sourcesFolder: root,
    appVersion: 'fuzz',
    threads: 1,
    provider: 'auto',
    memoryMb: 0,
    relief: [],
  }
}
