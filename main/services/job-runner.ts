/**
 * Runs one job on the engine, whatever happened to it before: images whose file is there already are not made again,
 * and when the engine's process dies the missing rest is tried once more in a new one.
 */
import type { Engine, EngineEvent, EngineJob, ImageResult } from '#engine/engine'
import { AppError } from '#contract/errors'
import type { ProviderChoice } from '#contract/providers'
import { requestOfImage, type GenerationRequest, type ImageText } from '#contract/generation'

export interface RunnableJob {
  id: string
  request: GenerationRequest
  modelFolder: string
  refinerFolder: string | undefined
  appVersion: string
  modelHash: string
  threads: number
  provider: ProviderChoice
  sourcesFolder: string
  /** Absolute path for the picture of image i. */
  outputOf(image: number): string
}

export interface RunOptions {
  engine: Engine
  signal: AbortSignal
  /** Images that were skipped; asked before every attempt. */
  skipped: () => readonly number[]
  /** A signal that is aborted by the next skip. */
  nextSkip: () => AbortSignal
  /** Images that exist; asked again before every attempt. */
  finished: () => ReadonlySet<number>
  /** Image numbers are those of the whole job. */
  onEvent: (event: EngineEvent) => void
}

/** How often a job may lose its engine: the second time it is likely to be the job that kills it. */
const ATTEMPTS = 2

/** Resolves when every image exists or was skipped; rejects with `cancelled`, `engine-lost` or what the engine said. */
export async function runJob(job: RunnableJob, options: RunOptions): Promise<void> {
  let attempt = 1
  for (;;) {
    if (options.signal.aborted) throw new AppError('cancelled', 'The job was cancelled.')
    const skip = options.nextSkip()
    const signal = AbortSignal.any([options.signal, skip])
    try {
      const settled = new Set([...options.finished(), ...options.skipped()])
      for (const range of missingRanges(job.request.images, settled, job.request.texts))
        await runRange(job, range, { ...options, signal })
      return
    } catch (thrown) {
      const isSkip = skip.aborted && thrown instanceof AppError && thrown.code === 'cancelled'
      if (isSkip && !options.signal.aborted) continue // with the images behind the skipped one
      const isLost = thrown instanceof AppError && thrown.code === 'engine-lost'
      if (!isLost || attempt === ATTEMPTS || options.signal.aborted) throw thrown
      attempt++
      options.onEvent({ type: 'notice', text: `${thrown.message} It was started again and the job went on.` })
    }
  }
}

export interface ImageRange {
  first: number
  count: number
}

/** The images that do not exist yet, as runs of neighbours with one text. */
export function missingRanges(
  images: number,
  finished: ReadonlySet<number>,
  texts?: readonly ImageText[],
): ImageRange[] {
  const ranges: ImageRange[] = []
  for (let image = 0; image < images; image++) {
    if (finished.has(image)) continue
    const last = ranges.at(-1)
    if (last !== undefined && last.first + last.count === image && isSameText(texts, last.first, image)) last.count++
    else ranges.push({ first: image, count: 1 })
  }
  return ranges
}

/** Without choices all images have one text. */
function isSameText(texts: readonly ImageText[] | undefined, a: number, b: number): boolean {
  if (texts === undefined) return true
  return texts[a]?.prompt === texts[b]?.prompt && texts[a]?.negativePrompt === texts[b]?.negativePrompt
}

async function runRange(job: RunnableJob, range: ImageRange, options: RunOptions): Promise<void> {
  const engineJob: EngineJob = {
    id: job.id,
    modelFolder: job.modelFolder,
    refinerFolder: job.refinerFolder,
    request: { ...requestOfImage(job.request, range.first), images: range.count },
    outputs: Array.from({ length: range.count }, (_, i) => job.outputOf(range.first + i)),
    sourcesFolder: job.sourcesFolder,
    appVersion: job.appVersion,
    modelHash: job.modelHash,
    threads: job.threads,
    provider: job.provider,
  }
  await options.engine.generate(engineJob, {
    signal: options.signal,
    onEvent: event => options.onEvent(shiftImage(event, range.first)),
  })
}

/** The engine counts the images of its range from 0. */
function shiftImage(event: EngineEvent, first: number): EngineEvent {
  const shiftResult = (result: ImageResult) => ({ ...result, image: result.image + first })
  switch (event.type) {
    case 'phase':
    case 'step':
      return { ...event, image: event.image + first }
    case 'preview':
      return { ...event, preview: { ...event.preview, image: event.preview.image + first } }
    case 'image':
      return { ...event, result: shiftResult(event.result) }
    case 'notice':
      return event
  }
}
