/**
 * Runs one job on the engine, whatever happened to it before: images whose file is there already are not made again,
 * and when the engine's process dies the missing rest is tried in a new one, with less where memory was the reason.
 */
import { diedOfMemory, type Engine, type EngineEvent, type EngineJob, type ImageResult } from '#engine/engine'
import { AppError } from '#contract/errors'
import type { JobPhase } from '#contract/jobs'
import type { ReliefMeasure } from '#contract/memory'
import type { ProviderChoice } from '#contract/providers'
import { requestOfImage, type GenerationRequest, type ImageText } from '#contract/generation'
import { createNotice, type NoticeWord } from '#contract/notices'
import type { LoraFile } from './loras.ts'

export interface RunnableJob {
  id: string
  request: GenerationRequest
  modelFolder: string
  refinerFolder: string | undefined
  refinerHash: string | undefined
  /** Of all that one of the images uses, by name. */
  loraFiles: ReadonlyMap<string, LoraFile>
  vae: EngineJob['vae']
  appVersion: string
  modelHash: string
  threads: number
  provider: ProviderChoice
  memoryMb: number
  /** Absolute path of the file that keeps where the image in work stands. */
  checkpoint: string
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

/** How often a job may lose its engine for no reason that is known: the second time it is likely to be the job that kills it. */
const ATTEMPTS = 2

/** Resolves when every image exists or was skipped; rejects with `cancelled`, `engine-lost` or what the engine said. */
export async function runJob(job: RunnableJob, options: RunOptions): Promise<void> {
  let attempt = 1
  let relief: readonly ReliefMeasure[] = []
  let phase: JobPhase = 'starting'
  const onEvent = (event: EngineEvent): void => {
    if (event.type === 'phase') phase = event.phase
    options.onEvent(event)
  }
  for (;;) {
    if (options.signal.aborted) throw new AppError('cancelled', 'The job was cancelled.')
    const skip = options.nextSkip()
    const signal = AbortSignal.any([options.signal, skip])
    try {
      const settled = new Set([...options.finished(), ...options.skipped()])
      for (const range of missingRanges(job.request.images, settled, job.request.texts))
        await runRange({ ...job, relief }, range, { ...options, signal, onEvent })
      return
    } catch (thrown) {
      const isSkip = skip.aborted && thrown instanceof AppError && thrown.code === 'cancelled'
      if (isSkip && !options.signal.aborted) continue // with the images behind the skipped one
      const isLost = thrown instanceof AppError && thrown.code === 'engine-lost'
      if (!isLost || options.signal.aborted) throw thrown
      const isMemory = diedOfMemory(thrown)
      const measure = isMemory ? nextMeasure(relief, phase, job.provider) : null
      if (isMemory ? measure === null : attempt === ATTEMPTS) throw thrown
      if (measure === null) attempt++
      else relief = [...relief, measure]
      const facts = { reason: thrown.message, relief: measure === null ? '' : [SENTENCES[measure]] }
      options.onEvent({ type: 'notice', notice: createNotice('engine-restarted', facts) })
    }
  }
}

const SENTENCES: Readonly<Record<ReliefMeasure, NoticeWord>> = {
  'one-at-a-time': 'Its networks are now in memory one at a time.',
  'row-by-row': 'The prompt and the negative prompt are now computed one after the other.',
  'in-tiles': 'Pictures are now decoded in tiles.',
  processor: 'The processor computes it now.',
}

/** What is given up next after a death in this phase; null when nothing is left that could help. */
export function nextMeasure(
  relief: readonly ReliefMeasure[],
  phase: JobPhase,
  provider: ProviderChoice,
): ReliefMeasure | null {
  const ladder: ReliefMeasure[] = [
    ...(phase === 'decoding' ? (['in-tiles'] as const) : []),
    'one-at-a-time',
    ...(phase === 'denoising' ? (['row-by-row'] as const) : []),
    ...(provider === 'auto' || provider === 'cpu' ? [] : (['processor'] as const)),
  ]
  return ladder.find(measure => !relief.includes(measure)) ?? null
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

/** Without choices all images have one text and the same LoRAs. */
function isSameText(texts: readonly ImageText[] | undefined, a: number, b: number): boolean {
  if (texts === undefined) return true
  return JSON.stringify(texts[a]) === JSON.stringify(texts[b])
}

function usedLoras({ loras = [] }: GenerationRequest, files: RunnableJob['loraFiles']): EngineJob['loras'] {
  return loras.map(({ name, weight }) => {
    const found = files.get(name)
    if (found === undefined) throw new AppError('internal', `The file of the LoRA "${name}" is not known.`)
    return { name, weight, ...found }
  })
}

async function runRange(
  job: RunnableJob & Pick<EngineJob, 'relief'>,
  range: ImageRange,
  options: RunOptions,
): Promise<void> {
  const request = { ...requestOfImage(job.request, range.first), images: range.count }
  const engineJob: EngineJob = {
    id: job.id,
    modelFolder: job.modelFolder,
    refinerFolder: job.refinerFolder,
    vae: job.vae,
    refinerHash: job.refinerHash,
    loras: usedLoras(request, job.loraFiles),
    request,
    outputs: Array.from({ length: range.count }, (_, i) => job.outputOf(range.first + i)),
    sourcesFolder: job.sourcesFolder,
    appVersion: job.appVersion,
    modelHash: job.modelHash,
    threads: job.threads,
    provider: job.provider,
    memoryMb: job.memoryMb,
    relief: job.relief,
    checkpoint: job.checkpoint,
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
