/** The engine in this process with the starter model on real ONNX Runtime. */
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '#contract/errors'
import type { Engine, EngineEvent, EngineJob } from '#engine/engine'
import { createLocalEngine } from '#engine/local-engine'
import { decodePicture } from '#imaging/sharp-codec'
import { createOrtSession } from '#pipeline/ort-session'
import { starterJob } from '#test/starter-job'

let engine: Engine
let folder: string
beforeAll(() => {
  engine = createLocalEngine({ createSession: createOrtSession, now: () => performance.now() })
})
afterAll(() => engine.dispose())
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-engine-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('the local engine', () => {
  it('writes a picture of the asked size and says what it is doing', async () => {
    const { events, results } = await run(starterJob(folder))
    const [result] = results
    expect(result).toMatchObject({ image: 0, width: 128, height: 96, path: join(folder, '0.png') })
    expect(await decodePicture(join(folder, '0.png'))).toMatchObject({ width: 128, height: 96 })
    expect(events.filter(e => e.type === 'phase').map(e => e.phase)).toEqual([
      'loading',
      'encoding',
      'denoising',
      'decoding',
      'saving',
    ])
    expect(events.filter(e => e.type === 'step').map(e => [e.step, e.steps])).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ])
    expect(result?.sizeBytes).toBe((await readFile(join(folder, '0.png'))).length)
  })

  it('does not load the model again for the next job', async () => {
    await run(starterJob(folder))
    const { events } = await run(starterJob(folder))
    expect(events.filter(e => e.type === 'phase').map(e => e.phase)).not.toContain('loading')
  })

  it('makes byte-identical files from the same request', async () => {
    await run(starterJob(folder))
    const first = await readFile(join(folder, '0.png'))
    await engine.unload()
    await run(starterJob(folder))
    expect(await readFile(join(folder, '0.png'))).toEqual(first)
  })

  it('makes image i of a batch as the single image with seed + i', async () => {
    await run(starterJob(folder, { images: 3 }))
    const third = await readFile(join(folder, '2.png'))
    await run(starterJob(folder, { seed: 9 }))
    expect((await readFile(join(folder, '0.png'))).equals(third)).toBe(true)
  })

  it('ignores the negative prompt without guidance and obeys it with guidance', async () => {
    const pixels = async (changes: object) => {
      await run(starterJob(folder, changes))
      return Buffer.from((await decodePicture(join(folder, '0.png'))).data)
    }
    const plain = await pixels({ guidance: 1 })
    expect((await pixels({ guidance: 1, negativePrompt: 'red' })).equals(plain)).toBe(true)
    expect((await pixels({ guidance: 4, negativePrompt: 'red' })).equals(await pixels({ guidance: 4 }))).toBe(false)
  })

  it('weighs words by brackets, and encodes a long prompt whole', async () => {
    const pixels = async (prompt: string) => {
      await run(starterJob(folder, { prompt }))
      return Buffer.from((await decodePicture(join(folder, '0.png'))).data)
    }
    const plain = await pixels('a red apple')
    expect((await pixels('a (red:1.0) apple')).equals(plain)).toBe(true)
    expect((await pixels('a (red:1.5) apple')).equals(plain)).toBe(false)
    const filler = 'a cat and '.repeat(40)
    expect((await pixels(`${filler} a dog`)).equals(await pixels(`${filler} a castle`))).toBe(false)
  })

  it('refuses what the prompt syntax cannot express, by the name of the field', async () => {
    await expect(run(starterJob(folder, { prompt: 'a cat AND a dog' }))).rejects.toMatchObject({
      code: 'invalid-input',
      issues: [{ path: 'prompt' }],
    })
  })

  it('renders at the next size that the graphs can do, crops, and says so', async () => {
    const { events } = await run(starterJob(folder, { width: 72, height: 104 }))
    expect(await decodePicture(join(folder, '0.png'))).toMatchObject({ width: 72, height: 104 })
    expect(events.filter(e => e.type === 'notice').map(e => e.notice)).toEqual([
      { code: 'size-cropped', facts: { rendered: '96x128', asked: '72x104' } },
    ])
  })

  it('stops between two steps when it is cancelled, keeps finished images and leaves no half file', async () => {
    const controller = new AbortController()
    const job = starterJob(folder, { images: 3, steps: 6 })
    const events: EngineEvent[] = []
    const running = engine.generate(job, {
      signal: controller.signal,
      onEvent: event => {
        events.push(event)
        if (event.type === 'step' && event.image === 1 && event.step === 2) controller.abort()
      },
    })
    await expect(running).rejects.toMatchObject({ code: 'cancelled' })
    expect(await readdir(folder)).toEqual(['0.png'])
    expect(events.filter(e => e.type === 'step' && e.image === 1)).toHaveLength(2)
  })

  it('makes no more pictures when one cannot be saved, and says why', async () => {
    const job = starterJob(folder, { steps: 10, images: 3 })
    const outputs = [join(folder, 'no such folder', '0.png'), ...job.outputs.slice(1)]
    const events: EngineEvent[] = []
    await expect(
      engine.generate(
        { ...job, outputs },
        { signal: new AbortController().signal, onEvent: event => void events.push(event) },
      ),
    ).rejects.toThrow(/no such folder.* cannot be written/)
    expect(events.filter(({ type }) => type === 'step').length).toBeLessThan(20)
    expect(await readdir(folder)).toEqual([])
  })

  it('hears a cancel that arrives through the event loop while it works', async () => {
    const controller = new AbortController()
    const job = starterJob(folder, { steps: 1000 })
    setTimeout(() => controller.abort(), 200)
    await expect(engine.generate(job, { signal: controller.signal, onEvent: () => undefined })).rejects.toMatchObject({
      code: 'cancelled',
    })
  })

  it('sends at most five previews a second', async () => {
    const start = performance.now()
    const { events } = await run(starterJob(folder, { steps: 40, images: 2 }))
    const seconds = (performance.now() - start) / 1000
    const previews = events.flatMap(e => (e.type === 'preview' ? [e.preview] : []))
    expect(previews.length).toBeGreaterThan(0)
    expect(previews.length).toBeLessThanOrEqual(Math.ceil(seconds * 5))
    for (const preview of previews) {
      expect(await decodePicture(Buffer.from(preview.base64, 'base64'))).toMatchObject({ width: 32, height: 24 })
    }
  })

  it('refuses a second job while one runs', async () => {
    const first = run(starterJob(folder))
    await expect(run(starterJob(folder))).rejects.toMatchObject({ code: 'internal' })
    await first
  })

  it('names the folder when there is no such model', async () => {
    const job = { ...starterJob(folder), modelFolder: join(folder, 'nothing') }
    await expect(run(job)).rejects.toThrow(/nothing/)
    await expect(run(job)).rejects.toBeInstanceOf(AppError)
  })

  it('says what is wrong when the folder of a picture is gone, and leaves nothing behind', async () => {
    const job = { ...starterJob(folder), outputs: [join(folder, 'gone', '0.png')] }
    await expect(run(job)).rejects.toThrow(/gone/)
    expect(await readdir(folder)).toEqual([])
  })
})

async function run(job: EngineJob) {
  const events: EngineEvent[] = []
  const results = await engine.generate(job, {
    signal: new AbortController().signal,
    onEvent: event => events.push(event),
  })
  return { events, results }
}

it('says what an image cost: calls and their time at the rendered size, the rest, loading once, the peak of memory', async () => {
  const own = createLocalEngine({ createSession: createOrtSession, now: () => performance.now() })
  const options = { signal: new AbortController().signal, onEvent: () => undefined }
  const [first, second] = await own.generate(starterJob(folder, { images: 2 }), options)
  await own.dispose()
  expect(first.cost.passes).toEqual([{ width: 128, height: 96, calls: 3, ms: expect.any(Number) as number }])
  expect(first.cost.loadMs).toBeGreaterThan(0)
  expect(second.cost.loadMs).toBeNull()
  const { passes, aroundMs, loadMs } = first.cost
  expect((passes[0]?.ms ?? 0) + aroundMs + (loadMs ?? 0)).toBeCloseTo(first.durationMs)
  const { peakBytes } = first.cost
  if (process.platform === 'linux') expect(peakBytes).toBeGreaterThan(50 * 2 ** 20)
})

it('collects what a dropped model leaves before the next one is loaded, and nothing while the same one goes on', async () => {
  const log: string[] = []
  const own = createLocalEngine({
    createSession: (file, options) => {
      log.push('open')
      return createOrtSession(file, options)
    },
    now: () => performance.now(),
    collectGarbage: () => log.push('collect'),
  })
  const options = { signal: new AbortController().signal, onEvent: () => undefined }
  await own.generate(starterJob(folder), options)
  await own.generate(starterJob(folder), options)
  expect(log).not.toContain('collect')
  await own.generate({ ...starterJob(folder), threads: 2 }, options)
  await own.dispose()
  const opened = log.filter(entry => entry === 'open').length / 2
  const once = Array.from({ length: opened }, () => 'open')
  expect(log).toEqual([...once, 'collect', ...once, 'collect'])
})
