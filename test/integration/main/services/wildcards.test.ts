import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readPictureFile } from '#storage/picture-file'
import { createFakeEngine } from '#test/fake-engine'
import { scratchFolder } from '#test/scratch-folder'
import { openTestApp, type TestApp } from '#test/test-app'

const COLOURS = ['red', 'green', 'blue', 'white', 'black']
const INPUT = { width: 64, height: 64, steps: 1, seed: 10 }

async function openWithLists(lists: Record<string, string>, engine = createFakeEngine()): Promise<TestApp> {
  const dataFolder = await scratchFolder()
  for (const [name, text] of Object.entries(lists)) {
    const file = join(dataFolder, 'wildcards', `${name}.txt`)
    await mkdir(join(file, '..'), { recursive: true })
    await writeFile(file, text)
  }
  return openTestApp({ dataFolder, engine })
}

async function promptsOf({ api, finished }: TestApp, id: string): Promise<string[]> {
  const { results } = await finished(id)
  return Promise.all(results.map(async image => (await api.gallery.get({ id: image })).request.prompt))
}

it('makes each picture of a batch of its own words: those that the single picture of its seed has', async () => {
  const app = await openWithLists({ colour: COLOURS.join('\n'), 'animals/wild': 'fox\nowl' })
  const prompt = 'a __colour__ __animals/wild__ {asleep|awake}'
  const batch = await app.api.jobs.submit({ ...INPUT, prompt, images: 4 })
  expect(batch.request.prompt).toBe(prompt)
  const prompts = await promptsOf(app, batch.id)
  expect(new Set(prompts).size).toBeGreaterThan(1)
  for (const [i, text] of prompts.entries()) {
    expect(text).toMatch(/^a (red|green|blue|white|black) (fox|owl) (asleep|awake)$/)
    const single = await app.api.jobs.submit({ ...INPUT, prompt, seed: INPUT.seed + i })
    expect(await promptsOf(app, single.id)).toEqual([text])
  }
})

it("writes the words that were drawn into the picture's own file, and draws none when it is made again", async () => {
  const app = await openWithLists({ colour: COLOURS.join('\n') })
  const job = await app.api.jobs.submit({ ...INPUT, prompt: 'a __colour__ fox', negativePrompt: '{blurry|dark}' })
  const [id] = (await app.finished(job.id)).results
  const record = await app.api.gallery.get({ id })
  const file = await readPictureFile(await app.imageFile(id))
  expect(file?.info.request).toEqual(record.request)
  expect(record.request.texts).toBeUndefined()
  expect(record.request.negativePrompt).toMatch(/^(blurry|dark)$/)
  const { prompt, negativePrompt, seed } = record.request
  const again = await app.api.jobs.submit({ ...INPUT, prompt, negativePrompt, seed })
  expect(await promptsOf(app, again.id)).toEqual([prompt])
})

it('has neighbours with the same words made in one go', async () => {
  const engine = createFakeEngine()
  const app = await openWithLists({ one: 'fox' }, engine)
  const job = await app.api.jobs.submit({ ...INPUT, prompt: 'a __one__', images: 3 })
  await app.finished(job.id)
  expect(engine.jobs.map(({ request, outputs }) => [request.prompt, outputs.length])).toEqual([['a fox', 3]])
})

it('takes up a list that is changed while it runs', async () => {
  const app = await openWithLists({ colour: 'red' })
  await writeFile(join(app.dataFolder, 'wildcards', 'colour.txt'), 'blue')
  const job = await app.api.jobs.submit({ ...INPUT, prompt: '__colour__' })
  expect(await promptsOf(app, job.id)).toEqual(['blue'])
})

it.each([
  ['prompt', { prompt: 'a __color__ fox' }, /__colour__/],
  ['negativePrompt', { prompt: 'a fox', negativePrompt: '__color__' }, /__colour__/],
  ['prompt', { prompt: 'a fox AND an owl' }, /no AND/],
  ['prompt', { prompt: '{a fox AND an owl|a fox AND a dog}' }, /no AND/],
  ['negativePrompt', { prompt: 'a fox', negativePrompt: '(dark:1.2.3)' }, /a number/],
])('refuses at once a %s that cannot be read', async (path, texts, allowed) => {
  const { api } = await openWithLists({ colour: 'red' })
  await expect(api.jobs.submit({ ...INPUT, ...texts })).rejects.toMatchObject({
    code: 'invalid-input',
    issues: [{ path, allowed: expect.stringMatching(allowed) as string }],
  })
  expect(await api.jobs.list({})).toEqual([])
})
