/**
 * A scriptable engine: it writes real small PNG files with everything inside, tells steps and previews, hears a cancel
 * between steps, and fails where it is told to. The picture is a gradient whose colours come from prompt and seed.
 */
import { createHash } from 'node:crypto'
import { rename, stat, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '#contract/errors'
import { requestOfImage, type GenerationRequest } from '#contract/generation'
import type { Engine, EngineJob, GenerateOptions, ImageResult } from '#engine/engine'
import { addPictureInfo } from '#imaging/picture-png'
import { encodePreview } from '#imaging/encode-preview'
import { encodePng } from '#imaging/png-encode'
import { encodeThumbnail, type Rgb } from '#imaging/sharp-codec'

export interface FakeScript {
  stepMs: number
  /** Asked before every step; what it returns is thrown. `call` counts the calls of `generate` from 0. */
  failAt?: (at: { call: number; image: number; step: number; request: GenerationRequest }) => Error | undefined
  /** Called before every step: to kill a process, to block, to look. */
  beforeStep?: (at: { call: number; image: number; step: number }) => void | Promise<void>
  previewEveryMs?: number
}

export interface FakeEngine extends Engine {
  /** Every job it was given, in order. */
  readonly jobs: readonly EngineJob[]
  readonly unloads: number
  readonly isDisposed: boolean
}

export function createFakeEngine(script: FakeScript = { stepMs: 0 }): FakeEngine {
  const jobs: EngineJob[] = []
  let unloads = 0
  let isBusy = false
  const disposal = new AbortController()

  async function generate(job: EngineJob, options: GenerateOptions): Promise<ImageResult[]> {
    const call = jobs.push(job) - 1
    const results: ImageResult[] = []
    for (const image of job.outputs.keys()) {
      const result = await makeImage(script, call, job, image, options, disposal.signal)
      options.onEvent({ type: 'image', result })
      results.push(result)
    }
    return results
  }

  return {
    jobs,
    get unloads() {
      return unloads
    },
    get isDisposed() {
      return disposal.signal.aborted
    },
    async generate(job, options) {
      if (isBusy) throw new AppError('internal', 'The engine is busy.')
      isBusy = true
      try {
        return await generate(job, options)
      } finally {
        isBusy = false
      }
    },
    countTokens: async (_, text) => ({ chunks: [text.split(/\s+/u).length], room: 75, cut: 0 }),
    makeThumbnail: async (from, to) => writeWhole(to, await encodeThumbnail(from)),
    unload: async () => {
      unloads++
    },
    dispose: async () => disposal.abort(),
  }
}

async function makeImage(
  script: FakeScript,
  call: number,
  job: EngineJob,
  image: number,
  { signal, onEvent }: GenerateOptions,
  disposal: AbortSignal,
): Promise<ImageResult> {
  const request = requestOfImage(job.request, image)
  const startedAt = performance.now()
  let previewAt = 0
  onEvent({ type: 'phase', image, phase: image === 0 ? 'loading' : 'encoding' })
  for (let step = 0; step < request.steps; step++) {
    await script.beforeStep?.({ call, image, step })
    const failure = script.failAt?.({ call, image, step, request })
    if (failure !== undefined) throw failure
    await sleep(script.stepMs)
    if (signal.aborted) throw new AppError('cancelled', 'The job was cancelled.')
    if (disposal.aborted) throw new AppError('engine-lost', 'The engine was closed.')
    onEvent({ type: 'step', image, step: step + 1, steps: request.steps, stepMs: script.stepMs })
    if (script.previewEveryMs !== undefined && performance.now() - previewAt >= script.previewEveryMs) {
      previewAt = performance.now()
      const small = gradient(request, 16, 16, (step + 1) / request.steps)
      const base64 = Buffer.from(encodePreview(small, request)).toString('base64')
      onEvent({ type: 'preview', preview: { jobId: job.id, image, step: step + 1, mediaType: 'image/jpeg', base64 } })
    }
  }
  onEvent({ type: 'phase', image, phase: 'saving' })
  const path = job.outputs[image]
  await writePicture(path, request, job)
  const { size: sizeBytes } = await stat(path)
  const { width, height } = request
  const cost = {
    passes: [{ width, height, calls: request.steps, ms: request.steps * script.stepMs }],
    aroundMs: 100,
    loadMs: call === 0 && image === 0 ? 1000 : null,
    peakBytes: 2 ** 20 * (100 + (width * height) / 1000),
  }
  return { image, path, width, height, sizeBytes, durationMs: performance.now() - startedAt, notices: [], cost }
}

/** The picture that the fake engine makes of this request, as the real one writes it. */
export async function writePicture(
  path: string,
  request: GenerationRequest,
  { appVersion, modelHash }: Pick<EngineJob, 'appVersion' | 'modelHash'>,
): Promise<void> {
  const { width, height } = request
  const png = await encodePng(gradient(request, width, height, 1))
  await writeWhole(path, addPictureInfo(png, { request, width, height, appVersion, modelHash }))
}

/** As the real engine does: who has the file open (libvips maps some) never sees half of it. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  await writeFile(`${path}.part`, bytes)
  await rename(`${path}.part`, path)
}

/** `clarity` 0..1 mixes grey noise out of it, as a preview does. */
function gradient({ prompt, seed }: GenerationRequest, width: number, height: number, clarity: number): Rgb {
  const [r, g, b, s, t, u] = createHash('sha256').update(`${prompt} ${seed}`).digest()
  const data = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const along = (x / width + y / height) / 2
      const noise = ((x * 7919 + y * 104_729 + seed) % 97) / 97
      const mix = (from: number, to: number) => 255 * noise * (1 - clarity) + (from + (to - from) * along) * clarity
      data.set([mix(r, s), mix(g, t), mix(b, u)], (y * width + x) * 3)
    }
  }
  return { width, height, data }
}
