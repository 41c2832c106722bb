/**
 * The Engine port in this process: loads the model, encodes the prompt once, makes the images one after another and
 * writes their files. A large picture is compressed beside the next one's steps, on another thread than the networks.
 */
import { AppError } from '#contract/errors'
import { withoutRepeats } from '#contract/notices'
import type { EncodablePicture } from '#imaging/png-encode'
import { encodeThumbnail } from '#imaging/sharp-codec'
import type { CreateSession } from '#pipeline/session'
import { CHECKPOINT_INTERVAL_MS, openCheckpointFile } from './checkpoint-file.ts'
import { createCostMeter } from './cost-meter.ts'
import { createModelTokenCounter } from './count-tokens.ts'
import { createEnlarger, findEnlarger } from './enlarge/enlarger.ts'
import type { Engine, EngineJob, GenerateOptions, ImageResult } from './engine.ts'
import { createModelHolder } from './loaded-model.ts'
import { makeImage } from './make-image.ts'
import { createNotices } from './notices.ts'
import { createPeakMemory } from './peak-memory.ts'
import { savePicture } from './save-picture.ts'
import { prepareJob } from './prepare-job.ts'
import { writePicture } from './write-picture.ts'

export interface LocalEngineOptions {
  createSession: CreateSession
  /** Milliseconds on a clock that never goes back. */
  now: () => number
  /** The data folder, where embeddings for all models lie. */
  userFolder?: string | undefined
  /** Collects at once what nothing refers to any more; where it is not given, V8 does so when it sees fit. */
  collectGarbage?: (() => void) | undefined
  /** How often an image's place is kept; tests keep every step. */
  checkpointIntervalMs?: number
}

/**
 * Aborted with `signal`, or by itself. `AbortSignal.any` would do the same, but what it gives takes ten times as long to be
 * asked whether it is aborted, as happens in every step.
 */
function abortedWith(signal: AbortSignal): AbortController {
  const controller = new AbortController()
  if (signal.aborted) controller.abort(signal.reason)
  signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true, signal: controller.signal })
  return controller
}

export function createLocalEngine({
  createSession,
  now,
  userFolder,
  collectGarbage = () => undefined,
  checkpointIntervalMs = CHECKPOINT_INTERVAL_MS,
}: LocalEngineOptions): Engine {
  const models = createModelHolder({ createSession, userFolder: userFolder ?? null, collectGarbage })
  const enlarger = createEnlarger({ createSession, makeRoom: () => models.release(), now })
  const peakMemory = createPeakMemory()
  let running: Promise<unknown> | null = null

  async function run(job: EngineJob, options: GenerateOptions): Promise<ImageResult[]> {
    const startedAt = now()
    const graph = await findEnlarger(job.modelFolder)
    const working = graph === null ? models : enlarger
    const notices = createNotices(options.onEvent, () => working.notices())
    const checkpoints = openCheckpointFile(job.checkpoint, now, checkpointIntervalMs)
    const cost = createCostMeter(peakMemory)
    const opening = { ...options, models, notices, checkpoints, cost, now }
    const work = graph === null ? { context: await prepareJob(job, opening) } : { graph }
    const stop = abortedWith(options.signal)
    const making = { ...options, signal: stop.signal }
    const make = (image: number): Promise<EncodablePicture> =>
      work.context === undefined
        ? enlarger.enlarge(work.graph, job, { ...making, notices })
        : makeImage(work.context, image, { ...making, now })
    const ofJob = notices.take()
    const saves: Promise<ImageResult>[] = []
    try {
      for (const image of job.outputs.keys()) {
        const imageStartedAt = image === 0 ? startedAt : now()
        const picture = await make(image)
        options.onEvent({ type: 'phase', image, phase: 'saving' })
        const costOf = cost.take()
        const embeddings = work.context?.embeddings.list() ?? []
        const told = withoutRepeats([...ofJob, ...notices.take()])
        const facts = { provider: working.provider(), notices: told, embeddings }
        const saved = savePicture(job, image, picture, facts).then(file => {
          const durationMs = now() - imageStartedAt
          const result = { ...file, durationMs, notices: facts.notices, cost: costOf(durationMs) }
          options.onEvent({ type: 'image', result })
          return result
        })
        saved.catch(() => stop.abort()) // on a full disk: the images that follow would be made for nothing
        saves.push(saved)
      }
    } catch (thrown) {
      if (!stop.signal.aborted || options.signal.aborted) throw thrown // else it is the cancel above, and the reason for it comes below
    } finally {
      await Promise.allSettled(saves) // finished images are kept whatever ends the job
    }
    return Promise.all(saves)
  }

  async function release(): Promise<void> {
    await models.release()
    await enlarger.release()
  }

  return {
    async generate(job, options) {
      if (running !== null) throw new AppError('internal', 'The engine makes one job at a time, and one is running.')
      const mine = run(job, options)
      running = mine
      try {
        return await mine
      } finally {
        running = null
      }
    },
    countTokens: createModelTokenCounter(userFolder ?? null),
    makeThumbnail: async (from, to) => writePicture(to, await encodeThumbnail(from)),
    async unload() {
      await running?.catch(() => undefined)
      await release()
    },
    async dispose() {
      await running?.catch(() => undefined)
      await release()
    },
  }
}
