/** LoRAs from the folder to the picture: listed, checked against the model, used, written into the file. */
import { createHash } from 'node:crypto'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AppError } from '#contract/errors'
import type { GenerationInput } from '#contract/generation'
import { parseParameters } from '#contract/parameters-text'
import { createLocalEngine } from '#engine/local-engine'
import { decodePicture } from '#imaging/sharp-codec'
import { createOrtSession } from '#pipeline/ort-session'
import { readPictureFile } from '#storage/picture-file'
import { scratchFolder } from '#test/scratch-folder'
import { toSafetensors } from '#test/safetensors'
import { openTestApp, ROOT, type TestApp } from '#test/test-app'
import { said } from '#test/said'

const FIXTURES = join(ROOT, 'test/fixtures')
const LORAS = join(FIXTURES, 'checkpoints/tiny-sd15/lora')
const STYLE = join(LORAS, 'kohya_r4_locon_fp16.safetensors')

const openEngine = () => createLocalEngine({ createSession: createOrtSession, now: () => performance.now() })

/** One checkpoint and one export without LoRAs; `files`: place in the folder loras -> file. */
async function openWith(files: Readonly<Record<string, string>>, engine = openEngine()): Promise<TestApp> {
  const [modelFolder, dataFolder] = [await scratchFolder(), await scratchFolder()]
  await cp(join(FIXTURES, 'checkpoints/tiny-sd15'), join(modelFolder, 'tiny-sd15'), { recursive: true })
  await cp(join(ROOT, 'models/starter'), join(modelFolder, 'starter'), {
    recursive: true,
    filter: source => !source.includes('recipe'),
  })
  for (const [place, file] of Object.entries(files)) {
    const path = join(dataFolder, 'loras', place)
    await mkdir(join(path, '..'), { recursive: true })
    await cp(file, path)
  }
  return openTestApp({ modelFolders: [modelFolder], dataFolder, engine })
}

const SMALL = { model: 'tiny-sd15', prompt: 'a fox', width: 64, height: 64, steps: 2, seed: 5 } as const

async function draw(app: TestApp, input: Partial<GenerationInput>) {
  const job = await app.finished((await app.api.jobs.submit({ ...SMALL, ...input })).id)
  if (job.error !== null) throw new Error(job.error.message)
  return Promise.all(
    job.results.map(async id => {
      const path = await app.imageFile(id)
      const { data } = await decodePicture(path)
      const info = (await readPictureFile(path))?.info
      return { pixels: createHash('sha256').update(data).digest('hex'), info, path, notices: job.notices }
    }),
  )
}

async function refusal(app: TestApp, input: Partial<GenerationInput>) {
  const thrown: unknown = await app.api.jobs.submit({ ...SMALL, ...input }).catch((error: unknown) => error)
  if (!(thrown instanceof AppError)) throw new Error('it was not refused')
  return thrown.issues?.[0]
}

it('are the files of the folder and those below it, each with whether it fits the model', async () => {
  const app = await openWith({
    'style.safetensors': STYLE,
    'people/old.safetensors': join(LORAS, 'old_diffusers_r4.safetensors'),
    'xl.safetensors': join(FIXTURES, 'checkpoints/tiny-sdxl/lora/kohya_r4_locon_fp16.safetensors'),
  })
  const found = await app.api.loras.list({ model: 'tiny-sd15' })
  expect(found.map(({ name, problem }) => [name, problem?.code ?? null])).toEqual([
    ['old', null],
    ['style', null],
    ['xl', 'model-incompatible'],
  ])
  expect(found[2]?.problem?.message).toMatch(
    /^xl\.safetensors was made for another kind of model \(it says stable-diffusion-xl-v1-base\/lora\): lora_\S+ is \[[\d, ]+\], this model needs \[[\d, ]+\]\.$/,
  )
  expect((await app.api.loras.list({})).every(({ problem }) => problem === null)).toBe(true)
  expect((await app.api.models.get({ id: 'tiny-sd15' })).features).toContain('lora')
})

describe('a request', () => {
  it('with a LoRA makes another picture, without it the old one again; weight 0 is none', async () => {
    const app = await openWith({ 'style.safetensors': STYLE })
    const [plain] = await draw(app, {})
    const [styled] = await draw(app, { loras: [{ name: 'style', weight: 0.6 }] })
    const [weaker] = await draw(app, { loras: [{ name: 'style', weight: 0.3 }] })
    const [none] = await draw(app, { loras: [{ name: 'style', weight: 0 }] })
    expect(new Set([plain, styled, weaker].map(picture => picture?.pixels)).size).toBe(3)
    expect(none?.pixels).toBe(plain?.pixels)
    expect((await draw(app, {}))[0]?.pixels).toBe(plain?.pixels)
  })

  it('with another weight or another LoRA opens the networks anew that it changes, and leaves the others', async () => {
    let count = 0
    const engine = createLocalEngine({
      createSession: (file, options) => {
        count++
        return createOrtSession(file, options)
      },
      now: () => performance.now(),
    })
    const files = {
      'unet.safetensors': join(LORAS, 'peft_r8_fp16.safetensors'),
      'both.safetensors': join(LORAS, 'old_diffusers_r4.safetensors'),
    }
    const app = await openWith(files, engine)
    const drawWith = async (name: string, weight: number) => {
      const before = count
      const [picture] = await draw(app, { steps: 1, loras: [{ name, weight }] })
      return { opened: count - before, pixels: picture?.pixels }
    }
    expect((await drawWith('unet', 0.4)).opened).toBe(3) // text encoder, U-Net, decoder
    const stronger = await drawWith('unet', 0.9)
    const other = await drawWith('both', 0.9)
    expect([stronger.opened, other.opened]).toEqual([1, 2])
    const [fresh] = await draw(await openWith(files), { steps: 1, loras: [{ name: 'both', weight: 0.9 }] })
    expect(fresh?.pixels).toBe(other.pixels)
  })

  it('may name it in the prompt: the picture is the same, and its file says name, weight and content', async () => {
    const app = await openWith({ 'style.safetensors': STYLE })
    const [byField] = await draw(app, { loras: [{ name: 'style', weight: 0.6 }] })
    const [byPrompt] = await draw(app, { prompt: 'a fox <lora:STYLE:0.6>' })
    expect(byPrompt?.pixels).toBe(byField?.pixels)
    const hash = createHash('sha256')
      .update(await readFile(STYLE))
      .digest('hex')
    expect(byPrompt?.info).toMatchObject({
      request: { prompt: 'a fox', loras: [{ name: 'style', weight: 0.6 }] },
      loras: [{ name: 'style', hash }],
    })
    // Other programs read the tag, and so does Easel where only their text is left.
    const text = (await readFile(byPrompt?.path ?? '')).toString('utf8')
    expect(text).toContain('a fox <lora:style:0.6>\nSteps: 2')
    expect(parseParameters('a fox <lora:style:0.6>\nSteps: 2, Sampler: DDIM, Seed: 5')?.input.prompt).toBe(
      'a fox <lora:style:0.6>',
    )
  })

  it('draws the LoRAs of choices for each image', async () => {
    const app = await openWith({
      'style.safetensors': STYLE,
      'old.safetensors': join(LORAS, 'old_diffusers_r4.safetensors'),
    })
    const prompt = '{a fox <lora:style:0.6>|a boat|a hat <lora:old>}'
    const pictures = await draw(app, { prompt, images: 6 })
    const used = pictures.map(({ info }) => [
      info?.request.prompt,
      info?.request.loras?.map(({ name }) => name),
      info?.loras?.length,
    ])
    for (const [words, names, count] of used) {
      const expected = words === 'a fox' ? ['style'] : words === 'a hat' ? ['old'] : undefined
      expect([names, count]).toEqual([expected, expected?.length])
    }
    expect(new Set(used.map(([words]) => words)).size).toBeGreaterThan(1)
    const [again] = await draw(app, { ...pictures[0]?.info?.request })
    expect(again?.pixels).toBe(pictures[0]?.pixels)
  })

  it.each<[string, Partial<GenerationInput>, string, RegExp]>([
    ['a file that is not there', { loras: [{ name: 'other' }] }, 'loras.0.name', /^one of style$/],
    [
      'one for another kind of model',
      { prompt: '<lora:xl:1>' },
      'loras.0.name',
      /xl\.safetensors was made for another kind of model/,
    ],
    ['one named twice', { prompt: '<lora:style:1>', loras: [{ name: 'style' }] }, 'loras', /each LoRA once/],
    ['one in the negative prompt', { negativePrompt: '<lora:style:1>' }, 'negativePrompt', /stand in the prompt/],
    ['a weight that is no number', { prompt: '<lora:style:strong>' }, 'prompt', /one weight from -4 to 4/],
    ['a model that takes none', { model: 'starter', loras: [{ name: 'style' }] }, 'loras', /^none: /],
  ])('is refused with the field and the reason: %s', async (what, input, path, allowed) => {
    const xl: Record<string, string> = what.startsWith('one for')
      ? { 'xl.safetensors': join(FIXTURES, 'checkpoints/tiny-sdxl/lora/peft_r8_fp16.safetensors') }
      : {}
    const issue = await refusal(await openWith({ 'style.safetensors': STYLE, ...xl }), input)
    expect(issue).toMatchObject({ path, allowed: expect.stringMatching(allowed) as string })
  })

  it('says what of a file was not used', async () => {
    const app = await openWith({})
    const query = 'unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_q'
    const zeros = (...dims: number[]) => ({ dims, data: new Float32Array(dims.reduce((a, b) => a * b, 1)) })
    const arrays = {
      [`${query}.lora_A.weight`]: zeros(2, 16),
      [`${query}.lora_B.weight`]: zeros(16, 2),
      'vae.decoder.mid.attn_1.q.lora_A.weight': zeros(2, 8),
      'vae.decoder.mid.attn_1.q.lora_B.weight': zeros(8, 2),
    }
    await mkdir(join(app.dataFolder, 'loras'), { recursive: true })
    await writeFile(join(app.dataFolder, 'loras', 'part.safetensors'), toSafetensors(arrays))
    const [picture] = await draw(app, { loras: [{ name: 'part' }] })
    expect(said(picture?.notices ?? [])).toEqual([
      expect.stringMatching(/^part\.safetensors: 1 of its 2 parts are not used/),
    ])
    expect(picture?.info?.notices).toEqual(picture?.notices)
  })

  it('whose file has gone before its turn fails and says so', async () => {
    const app = await openWith({ 'style.safetensors': STYLE })
    const first = await app.api.jobs.submit({ ...SMALL })
    const second = await app.api.jobs.submit({ ...SMALL, loras: [{ name: 'style' }] })
    await rm(join(app.dataFolder, 'loras', 'style.safetensors'))
    await app.finished(first.id)
    expect((await app.finished(second.id)).error).toMatchObject({
      code: 'model-missing',
      message: 'The LoRA "style" is no longer there.',
    })
  })
})

it('are no words of the prompt: they are not counted', async () => {
  const { api } = await openWith({ 'style.safetensors': STYLE })
  const count = (text: string) => api.models.countTokens({ model: 'tiny-sd15', text })
  expect(await count('a red fox <lora:style:0.8>')).toEqual(await count('a red fox'))
})
