/** Memory that runs out on the way, at every place where it can: the picture is finished, equal where it can be, and says what was given up. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { sayNotice } from '#contract/notices'
import { resolveEdit } from '#contract/edit'
import type { GenerationRequest } from '#contract/generation'
import { CONTROL_DEFAULTS } from '#contract/passes'
import { createLocalEngine } from '#engine/local-engine'
import type { EngineJob, ImageResult } from '#engine/engine'
import { decodePicture, type Rgb } from '#imaging/sharp-codec'
import { createOrtSession } from '#pipeline/ort-session'
import { readPictureFile } from '#storage/picture-file'
import { fixtureFolder, putSource } from '#test/fixture-job'
import { createScarceRuntime, type Attempt } from '#test/scarce-runtime'
import { scratchFolder } from '#test/scratch-folder'
import { STARTER_FOLDER, starterJob } from '#test/starter-job'
import { said } from '#test/said'

const PLAN = { prompt: 'a red boat', width: 64, height: 96, steps: 4, guidance: 5 } as const
const ROW_BY_ROW = /computed one after the other/

interface Made {
  picture: Rgb
  result: ImageResult
  told: string[]
  log: string[]
}

/** One picture of a fixture with a runtime that lacks memory where `lacks` says so. */
async function make(
  model: string,
  lacks: (attempt: Attempt) => boolean,
  changes: Partial<GenerationRequest> = {},
  jobChanges: Partial<EngineJob> = {},
  folder?: string,
): Promise<Made> {
  const runtime = createScarceRuntime(createOrtSession, lacks)
  const engine = createLocalEngine({ createSession: runtime.createSession, now: () => performance.now() })
  onTestFinished(() => engine.dispose())
  const at = folder ?? (await scratchFolder())
  const told: string[] = []
  const job = { ...starterJob(at, { ...PLAN, ...changes }), modelFolder: fixtureFolder(model), ...jobChanges }
  const [result] = await engine.generate(job, {
    signal: new AbortController().signal,
    onEvent: event => {
      if (event.type === 'notice') told.push(sayNotice(event.notice))
    },
  })
  const info = (await readPictureFile(result.path))?.info
  expect(info?.notices ?? []).toEqual(result.notices) // the file says what the result says
  return { picture: await decodePicture(result.path), result, told, log: runtime.log }
}

const distance = (a: Rgb, b: Rgb) => a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - b.data[i])), 0)
const rowsOf = ({ feeds }: Attempt) => feeds['sample']?.dims[0] ?? 0

describe('memory that runs out', () => {
  let known: Promise<Made> | null = null
  /** As it is where memory suffices. */
  const untroubled = async (): Promise<Rgb> => (await (known ??= make('sd15', () => false))).picture

  it('is not spoken of where it does not', async () => {
    expect((await make('sd15', () => false)).told).toEqual([])
  })

  it.each([1, 3, 4])(
    'in step %i is met by one row a run from that step on, and the picture is the same',
    async step => {
      const { picture, told, result, log } = await make(
        'sd15',
        attempt => attempt.kind === 'run' && attempt.part === 'unet' && attempt.count >= step && rowsOf(attempt) > 1,
      )
      expect(distance(picture, await untroubled())).toBeLessThanOrEqual(1) // rounding: the runtime sums two rows in another order
      expect(told).toEqual([
        expect.stringMatching(/^Memory ran short: .* made room/),
        expect.stringMatching(ROW_BY_ROW),
      ])
      expect(said(result.notices)).toEqual(told)
      // Whole steps before it, twice in vain (once with less open beside it), two rows each from there on: none is made twice.
      expect(log.filter(line => line === 'run unet on cpu')).toHaveLength(step - 1 + 2 + 2 * (5 - step))
    },
  )

  it.each([1, 2, 4])(
    'on a graphics card in step %i goes on there on the next one and then on the processor, to the same bits',
    async step => {
      const failing = (provider: string, from: number) => (attempt: Attempt) =>
        attempt.kind === 'run' && attempt.part === 'unet' && attempt.provider === provider && attempt.count >= from
      const [card, other] = [failing('cuda', step), failing('webgpu', 0)]
      const plan = { guidance: 1 } // one row from the start: nothing to halve
      const { picture, told, log } = await make('sd15', a => card(a) || other(a), plan, { provider: 'cuda' })
      const whole = await make('sd15', () => false, plan)
      expect(distance(picture, whole.picture)).toBe(0)
      expect(log.filter(line => line.startsWith('run unet on cuda'))).toHaveLength(step - 1 + 2)
      expect(log.filter(line => line.startsWith('run unet on cpu'))).toHaveLength(5 - step)
      const moves = told.filter(text => text.includes('goes on'))
      expect(moves.at(-1)).toMatch(/goes on on the processor/)
      expect(moves).toHaveLength(process.platform === 'linux' && process.arch !== 'x64' ? 1 : 2)
    },
  )

  it('while opening closes what is not needed, and the picture has the same bits', async () => {
    const { picture, told } = await make('sd15', ({ kind, part, count }) => {
      return kind === 'open' && part === 'unet' && count === 1
    })
    expect(distance(picture, await untroubled())).toBe(0)
    expect(told).toEqual([expect.stringMatching(/^Memory ran short: .* made room for the denoising network/)])
  })

  it('while encoding the prompt closes the rest, and the picture has the same bits', async () => {
    const { picture, told } = await make('sd15', ({ kind, part, count }) => {
      return kind === 'run' && part === 'text_encoder' && count === 1
    })
    expect(distance(picture, await untroubled())).toBe(0)
    expect(told).toHaveLength(1)
  })

  it('while decoding goes on in tiles, close to the whole picture', async () => {
    const size = { prompt: 'a red apple', width: 384, height: 320, steps: 1, guidance: 1 }
    const whole = await make(STARTER_FOLDER, () => false, size)
    const isWhole = ({ feeds }: Attempt) => Object.values(feeds)[0]?.dims[3] === size.width / 8
    const isDecoding = ({ kind, part }: Attempt) => kind === 'run' && part === 'vae_decoder'
    const { picture, told } = await make(STARTER_FOLDER, attempt => isDecoding(attempt) && isWhole(attempt), size)
    expect(told.at(-1)).toMatch(/decoded in tiles of 256 pixels/)
    const differences = picture.data.reduce((sum, value, i) => sum + Math.abs(value - whole.picture.data[i]), 0)
    expect(differences / picture.data.length).toBeLessThan(5) // its norms see the statistics of a tile
  })

  it('while a picture is encoded goes on in tiles', async () => {
    const folder = await scratchFolder()
    const source = await putSource(folder, { width: 256, height: 192 })
    const edit = { width: 256, height: 192, edit: resolveEdit({ source, strength: 0.5 }) }
    const area = ({ feeds }: Attempt) =>
      Object.values(feeds)[0]
        ?.dims.slice(2)
        .reduce((a, b) => a * b, 1) ?? 0
    const { told } = await make(
      'sd15',
      attempt => attempt.kind === 'run' && attempt.part === 'vae_encoder' && area(attempt) >= 256 * 192,
      edit,
      {},
      folder,
    )
    expect(told.at(-1)).toMatch(/encoded in tiles of \d+ pixels/)
  })

  it('in a ControlNet is met by one row a run there too', async () => {
    const folder = await scratchFolder()
    const image = await putSource(folder, { width: 64, height: 96 })
    const plan = { controls: [{ ...CONTROL_DEFAULTS, net: 'controlnet', image }] }
    const whole = await make('sd15-controlnet', () => false, plan, {}, folder)
    const isLarge = (attempt: Attempt) => attempt.kind === 'run' && rowsOf(attempt) > 1
    const short = await make('sd15-controlnet', isLarge, plan, {}, folder)
    expect(distance(short.picture, whole.picture)).toBeLessThanOrEqual(1)
    expect(short.told.at(-1)).toMatch(ROW_BY_ROW)
  })

  it('everywhere and always fails as what it is, and the engine makes the next picture', async () => {
    let isShort = true
    const runtime = createScarceRuntime(
      createOrtSession,
      ({ kind, part }) => isShort && kind === 'run' && part === 'unet',
    )
    const engine = createLocalEngine({ createSession: runtime.createSession, now: () => performance.now() })
    onTestFinished(() => engine.dispose())
    const folder = await scratchFolder()
    const job = { ...starterJob(folder, PLAN), modelFolder: fixtureFolder('sd15') }
    const options = { signal: new AbortController().signal, onEvent: () => undefined }
    await expect(engine.generate(job, options)).rejects.toMatchObject({ code: 'out-of-memory' })
    isShort = false
    await expect(engine.generate(job, options)).resolves.toHaveLength(1)
  })
})

describe('a job that has died of memory before', () => {
  it('has one network in memory at a time, one row a run, tiles, the processor, and says each', async () => {
    const runtime = createScarceRuntime(createOrtSession, () => false)
    const most: number[] = []
    const createSession: typeof runtime.createSession = async (file, options) => {
      const session = await runtime.createSession(file, options)
      most.push(runtime.open.size)
      return session
    }
    const engine = createLocalEngine({ createSession, now: () => performance.now() })
    onTestFinished(() => engine.dispose())
    const folder = await scratchFolder()
    const job: EngineJob = {
      ...starterJob(folder, { ...PLAN, width: 256, height: 192 }),
      modelFolder: fixtureFolder('sd15'),
      provider: 'cuda',
      relief: ['one-at-a-time', 'row-by-row', 'in-tiles', 'processor'],
    }
    const [result] = await engine.generate(job, { signal: new AbortController().signal, onEvent: () => undefined })
    expect(Math.max(...most)).toBe(1)
    expect(said(result.notices)).toEqual([
      'Memory ran out with cuda, so the processor computes it.',
      expect.stringMatching(/^Memory is short: the text encoder made room for the denoising network/),
      expect.stringMatching(ROW_BY_ROW),
      expect.stringMatching(/made room for the picture decoder/),
      expect.stringMatching(/decoded in tiles/),
    ])
    expect((await readFile(join(folder, '0.png'))).length).toBe(result.sizeBytes)
  })

  it('makes the same picture as with everything in memory where only the order of opening changes', async () => {
    const whole = await make('sdxl', () => false)
    const thrifty = await make('sdxl', () => false, {}, { relief: ['one-at-a-time'] })
    expect(distance(whole.picture, thrifty.picture)).toBe(0)
    expect(thrifty.log.filter(line => line.startsWith('open'))).toEqual([
      'open text_encoder on cpu',
      'open text_encoder_2 on cpu',
      'open unet on cpu',
      'open vae_decoder on cpu',
    ])
  })
})
