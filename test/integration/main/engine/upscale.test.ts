/** A request for a model that makes pictures larger, from the small picture to the large one. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { resolveEdit } from '#contract/edit'
import type { Engine } from '#engine/engine'
import { createLocalEngine } from '#engine/local-engine'
import { createOrtSession } from '#pipeline/ort-session'
import { fixtureFolder, putBytes, putSource, runFixture } from '#test/fixture-job'
import { scratchFolder } from '#test/scratch-folder'

const GOLDEN = join(fixtureFolder('x4-upscaler'), 'golden')

let engine: Engine
beforeAll(() => {
  engine = createLocalEngine({ createSession: createOrtSession, now: () => performance.now() })
})
afterAll(() => engine.dispose())

interface GoldenCase {
  call: { prompt: string; negative_prompt: string; guidance_scale: number; num_inference_steps: number }
  seed: number
  arrays: Record<'image', { shape: number[]; offset: number }>
}

it('equals diffusers at another noise level, pixel for pixel within 2 of 255', async () => {
  const { call, seed, arrays } = JSON.parse(await readFile(join(GOLDEN, 'noise-level-60.json'), 'utf8')) as GoldenCase
  const folder = await scratchFolder()
  const source = await putBytes(folder, await readFile(join(GOLDEN, 'inputs/low_c.png')))
  const [, height, width] = arrays.image.shape
  const { picture } = await runFixture(engine, folder, 'x4-upscaler', {
    ...{ prompt: call.prompt, negativePrompt: call.negative_prompt, guidance: call.guidance_scale },
    ...{ seed, width, height, steps: call.num_inference_steps, scheduler: 'euler' },
    edit: resolveEdit({ source, noiseLevel: 60 }),
  })
  const bin = await readFile(join(GOLDEN, 'noise-level-60.bin'))
  const differences = Array.from(picture.data, (value, i) =>
    Math.abs(value - 255 * bin.readFloatLE(arrays.image.offset + 4 * i)),
  )
  expect(picture).toMatchObject({ width, height })
  expect(Math.max(...differences)).toBeLessThan(2)
})

it('shows more of what is invented with more noise, and takes a picture of another shape by its middle', async () => {
  const folder = await scratchFolder()
  const source = await putSource(folder, { width: 50, height: 30 })
  const make = async (noiseLevel: number) => {
    const edit = resolveEdit({ source, noiseLevel })
    return (await runFixture(engine, folder, 'x4-upscaler', { width: 64, height: 96, edit })).picture
  }
  const little = await make(0)
  expect(little).toMatchObject({ width: 64, height: 96 })
  expect(Buffer.compare((await make(300)).data, little.data)).not.toBe(0)
  expect(Buffer.compare((await make(0)).data, little.data)).toBe(0)
})

it('refuses to make a picture from words alone', async () => {
  const folder = await scratchFolder()
  await expect(runFixture(engine, folder, 'x4-upscaler', { width: 64, height: 96 })).rejects.toThrow(
    /picture to enlarge/,
  )
})
