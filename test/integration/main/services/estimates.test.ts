/** What a request is going to cost, by what the ones before it did: null until measured, and never more than is known. */
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { GenerationInput } from '#contract/generation'
import { createFakeEngine } from '#test/fake-engine'
import { scratchFolder } from '#test/scratch-folder'
import { openTestApp, ROOT, type TestApp } from '#test/test-app'

/** Of the fake engine: seconds a call, around an image, for loading. */
const [STEP, AROUND, LOAD] = [0.02, 0.1, 1]
const INPUT = { prompt: 'a fox', width: 128, height: 128, steps: 4, guidance: 5 } satisfies GenerationInput

const open = (options = {}) => openTestApp({ engine: createFakeEngine({ stepMs: STEP * 1000 }), ...options })
const make = async (app: TestApp, input: Partial<GenerationInput> = {}) =>
  app.finished((await app.api.jobs.submit({ ...INPUT, ...input })).id)
const estimate = (app: TestApp, ...inputs: Partial<GenerationInput>[]) =>
  app.api.jobs.estimate({ inputs: inputs.map(input => ({ ...INPUT, ...input })) })

it('is null until a picture of that kind was made, then scales with steps and images', async () => {
  const app = await open()
  expect(await estimate(app, {})).toEqual({ seconds: null, peakBytes: null })
  await make(app)
  const { seconds, peakBytes } = await estimate(app, {})
  expect(seconds).toBeCloseTo(4 * STEP + AROUND)
  expect(peakBytes).toBe(2 ** 20 * (100 + 16.384))
  expect((await estimate(app, { steps: 40, images: 3 })).seconds).toBeCloseTo(3 * (40 * STEP + AROUND))
  expect((await estimate(app, { scheduler: 'heun', steps: 10 })).seconds).toBeCloseTo(19 * STEP + AROUND)
  expect((await estimate(app, { guidance: 1 })).seconds).toBeNull()
})

it('knows sizes between two measured ones and none beyond', async () => {
  const app = await open()
  await make(app, { width: 64, height: 64 })
  await make(app, { width: 192, height: 192 })
  const { seconds, peakBytes } = await estimate(app, { width: 128, height: 128 })
  expect(seconds).toBeCloseTo(4 * STEP + AROUND)
  expect(peakBytes).toBeCloseTo(2 ** 20 * (100 + 16.384))
  expect(await estimate(app, { width: 256, height: 192 })).toEqual({ seconds: null, peakBytes: null })
})

it('adds loading where the model is not in memory: in a new process, after idling, with other settings', async () => {
  const dataFolder = await scratchFolder()
  const first = await open({ dataFolder })
  await make(first)
  await first.dispose()
  const app = await open({ dataFolder })
  expect((await estimate(app, {})).seconds).toBeCloseTo(LOAD + 4 * STEP + AROUND)
  expect((await estimate(app, {}, {})).seconds).toBeCloseTo(LOAD + 2 * (4 * STEP + AROUND)) // it stays loaded between two
  await app.api.settings.update({ threads: 1 })
  expect((await estimate(app, {})).seconds).toBeNull() // other threads take another time
  await app.api.settings.update({ threads: 0 })
  expect((await estimate(app, {}, { guidance: 1 })).seconds).toBeNull()
})

it('belongs to the files of a model: changed weights are another model', async () => {
  const models = join(await scratchFolder(), 'models')
  await mkdir(models)
  await cp(join(ROOT, 'test/fixtures/models/sd15'), join(models, 'sd15'), { recursive: true })
  const app = await open({ modelFolders: [models] })
  await make(app, { model: 'sd15' })
  expect((await estimate(app, { model: 'sd15' })).seconds).not.toBeNull()
  await writeFile(join(models, 'sd15/scheduler/scheduler_config.json'), '{"_class_name": "DDIMScheduler"}')
  expect((await estimate(app, { model: 'sd15' })).seconds).toBeNull()
})

it('refuses what a job would refuse of the model', async () => {
  const app = await open()
  await expect(estimate(app, { model: 'nowhere' })).rejects.toMatchObject({ code: 'invalid-input' })
})
