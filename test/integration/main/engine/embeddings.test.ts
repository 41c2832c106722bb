/** Words of textual inversion from their files to the picture: an embedding of a word's own rows must give that word's picture. */
import { createHash } from 'node:crypto'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { GenerationRequest } from '#contract/generation'
import { sayNotice } from '#contract/notices'
import type { EngineEvent } from '#engine/engine'
import { createLocalEngine } from '#engine/local-engine'
import { readGraphWeight } from '#engine/read-graph'
import { readTokenizer } from '#engine/read-model'
import { createOrtSession } from '#pipeline/ort-session'
import { createClipTokenizer } from '#pipeline/text/clip-tokenizer'
import { readPictureFile } from '#storage/picture-file'
import { fixtureFolder, runFixture } from '#test/fixture-job'
import { toSafetensors, type FloatArray } from '#test/safetensors'
import { scratchFolder } from '#test/scratch-folder'

/** The rows of the words' tokens in an encoder's table: [tokens, width]. */
async function rowsOf(model: string, suffix: string, words: string): Promise<FloatArray> {
  const folder = fixtureFolder(model)
  const ids = createClipTokenizer(await readTokenizer(folder, `tokenizer${suffix}`)).encode(words)
  const table = await readGraphWeight(join(folder, `text_encoder${suffix}`, 'model.onnx'), /token_embedding\.weight$/)
  if (!(table?.data instanceof Float32Array)) throw new Error('the fixture has no table')
  const { data, dims } = table
  const width = dims[1] ?? 0
  return {
    dims: [ids.length, width],
    data: Float32Array.from(ids.flatMap(id => [...data.subarray(id * width, (id + 1) * width)])),
  }
}

/** An engine with a data folder in which `files` are embeddings. */
async function openEngine(files: Readonly<Record<string, Uint8Array>>) {
  const data = await scratchFolder()
  const add = async (name: string, bytes: Uint8Array) => {
    await mkdir(join(data, 'embeddings'), { recursive: true })
    await writeFile(join(data, 'embeddings', name), bytes)
  }
  for (const [name, bytes] of Object.entries(files)) await add(name, bytes)
  const engine = createLocalEngine({ createSession: createOrtSession, now: () => performance.now(), userFolder: data })
  onTestFinished(() => engine.dispose())
  const draw = async (model: string, prompt: string) => {
    const { picture, events } = await runFixture(engine, await scratchFolder(), model, { prompt, steps: 2 })
    return { pixels: Buffer.from(picture.data), notices: events.flatMap(noticeOf) }
  }
  return { engine, add, draw }
}

function noticeOf(event: EngineEvent): string[] {
  return event.type === 'notice' && event.notice.code === 'embedding-unused' ? [sayNotice(event.notice)] : []
}

describe('an embedding in the data folder', () => {
  it.each(['sd15', 'sd21-v'])(
    'is a word of the prompt: the rows of other words give the picture of those words (%s)',
    async model => {
      const { draw } = await openEngine({
        'my-animal.safetensors': toSafetensors({ emb_params: await rowsOf(model, '', 'red fox') }),
      })
      const asWord = await draw(model, 'a my-animal beside a wall')
      const asText = await draw(model, 'a red fox beside a wall')
      expect(asWord.notices).toEqual([])
      expect(asWord.pixels.equals(asText.pixels)).toBe(true)
      expect(asWord.pixels.equals((await draw(model, 'a thing beside a wall')).pixels)).toBe(false)
    },
  )

  it('of SDXL has vectors for both text encoders, and one that has not is refused', async () => {
    const [first, second] = await Promise.all(['', '_2'].map(suffix => rowsOf('sdxl', suffix, 'red fox')))
    const { draw } = await openEngine({
      'both.safetensors': toSafetensors({ clip_l: first, clip_g: second }),
      'swapped.safetensors': toSafetensors({ clip_l: second, clip_g: first }),
    })
    const both = await draw('sdxl', 'both')
    expect(both.notices).toEqual([])
    expect(both.pixels.equals((await draw('sdxl', 'swapped')).pixels)).toBe(false)
    expect((await draw('sdxl', 'swapped')).notices[0]).toContain('The embedding swapped is not used')
  })

  it('may be weighted, and counts as its vectors', async () => {
    const { draw, engine } = await openEngine({
      'beast.safetensors': toSafetensors({ x: await rowsOf('sd15', '', 'red fox') }),
    })
    const weighted = await draw('sd15', 'a (beast:1.4) here')
    expect(weighted.pixels.equals((await draw('sd15', 'a (red fox:1.4) here')).pixels)).toBe(true)
    expect((await engine.countTokens(fixtureFolder('sd15'), 'beast')).chunks).toEqual([2])
  })

  it('is there for the next picture when it is added while the model is open', async () => {
    const { draw, add } = await openEngine({})
    const before = await draw('sd15', 'a beast here')
    await add('beast.safetensors', toSafetensors({ x: await rowsOf('sd15', '', 'red fox') }))
    const after = await draw('sd15', 'a beast here')
    expect(after.pixels.equals(before.pixels)).toBe(false)
    expect(after.pixels.equals((await draw('sd15', 'a red fox here')).pixels)).toBe(true)
  })

  it('that belongs to another kind of model is named in a notice when the prompt uses it, and only then', async () => {
    const misfit = toSafetensors({ emb_params: { dims: [1, 5], data: new Float32Array(5) } })
    const { draw } = await openEngine({ 'beast.safetensors': misfit, 'broken.pt': Uint8Array.of(1, 2, 3) })
    expect((await draw('sd15', 'a boat')).notices).toEqual([])
    expect((await draw('sd15', 'a beast')).notices).toEqual([
      "The embedding beast is not used: it was made for another kind of model: its vectors have 5 numbers, this model's have 32.",
    ])
    expect((await draw('sd15', 'broken')).notices[0]).toContain(
      'The embedding broken is not used: broken.pt cannot be read',
    )
  })
})

it('an embedding that only the refiner knows is written into the picture, as one of the model is', async () => {
  const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
  const [first, second] = await Promise.all(['', '_2'].map(suffix => rowsOf('sdxl', suffix, 'red fox')))
  const both = toSafetensors({ clip_l: first, clip_g: second })
  const late = toSafetensors({ clip_g: await rowsOf('sdxl-refiner', '_2', 'red fox') })
  const { engine } = await openEngine({ 'both.safetensors': both, 'late.safetensors': late })
  const folder = await scratchFolder()
  const usedIn = async (prompt: string, changes: Partial<GenerationRequest>) => {
    const refinerFolder = fixtureFolder('sdxl-refiner')
    await runFixture(engine, folder, 'sdxl', { prompt, steps: 2, scheduler: 'euler', ...changes }, { refinerFolder })
    return (await readPictureFile(join(folder, '0.png')))?.info?.embeddings
  }
  const refiner = { model: 'sdxl-refiner', at: 0.5 }
  expect(await usedIn('a late both', {})).toEqual([{ name: 'both', hash: hashOf(both) }])
  expect(await usedIn('a late both', { refiner })).toEqual([
    { name: 'both', hash: hashOf(both) },
    { name: 'late', hash: hashOf(late) },
  ])
  expect(await usedIn('a boat', { refiner, negativePrompt: 'late' })).toEqual([{ name: 'late', hash: hashOf(late) }])
})

it('an embedding beside the model is found too', async () => {
  const folder = join(await scratchFolder(), 'model')
  await cp(fixtureFolder('sd15'), folder, { recursive: true })
  await mkdir(join(dirname(folder), 'embeddings'))
  await writeFile(
    join(dirname(folder), 'embeddings', 'beast.safetensors'),
    toSafetensors({ x: await rowsOf('sd15', '', 'red fox') }),
  )
  const { draw } = await openEngine({})
  expect((await draw(folder, 'a beast')).pixels.equals((await draw(folder, 'a red fox')).pixels)).toBe(true)
})
