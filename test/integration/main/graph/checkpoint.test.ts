/** A checkpoint from its folder to the picture, and why one is refused. */
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findModels } from '#catalog/find-models'
import { inspectModel } from '#catalog/detect/inspect-model'
import type { Engine } from '#engine/engine'
import { createLocalEngine } from '#engine/local-engine'
import { createOrtSession } from '#pipeline/ort-session'
import { runFixture } from '#test/fixture-job'
import { scratchFolder } from '#test/scratch-folder'

const CHECKPOINTS = resolve('test/fixtures/checkpoints')

let engine: Engine
beforeAll(() => {
  engine = createLocalEngine({ createSession: createOrtSession, now: () => performance.now() })
})
afterAll(() => engine.dispose())

/** A copy that may be changed. */
async function copyOf(name: string): Promise<string> {
  const folder = join(await scratchFolder(), name)
  await cp(join(CHECKPOINTS, name), folder, { recursive: true })
  return folder
}

describe('a folder with one .safetensors file', () => {
  it.each([
    ['tiny-sd15', 'sd1', 'epsilon'],
    ['tiny-sd21-v', 'sd2', 'v_prediction'],
    ['tiny-sdxl', 'sdxl', 'epsilon'],
  ])('is a model that makes pictures: %s', async (name, family, predictionType) => {
    const folder = join(CHECKPOINTS, name)
    const verdict = await inspectModel(folder)
    expect(verdict).toMatchObject({ usable: true, family, predictionType, vaeFactor: 8, problems: [] })
    expect(verdict.features).toContain('image-to-image')
    const draw = async (prompt: string) => {
      const size = { width: 64, height: 128, scheduler: 'euler', steps: 2 } as const
      return (await runFixture(engine, await scratchFolder(), folder, { ...size, prompt })).picture
    }
    const [fox, boat] = [await draw('a red fox'), await draw('a copper teapot on a wooden table')]
    expect([fox.height, fox.width]).toEqual([128, 64])
    expect(Buffer.compare(fox.data, boat.data)).not.toBe(0)
  })

  it('is listed among the models', async () => {
    const found = await findModels([CHECKPOINTS])
    expect(found.map(({ summary }) => [summary.id, summary.problem])).toEqual([
      ['tiny-sd15', null],
      ['tiny-sd21-v', null],
      ['tiny-sdxl', null],
    ])
  })

  it('is refused when the file is cut off, naming a tensor', async () => {
    const folder = await copyOf('tiny-sd15')
    const file = join(folder, 'tiny-sd15-fp16.safetensors')
    await writeFile(file, (await readFile(file)).subarray(0, 500_000))
    const { problems } = await inspectModel(folder)
    expect(problems[0]).toMatchObject({ code: 'model-corrupt' })
    expect(problems[0]?.message).toMatch(
      /^tiny-sd15-fp16\.safetensors is damaged: it is cut off: \d+ bytes of .+ are missing/,
    )
  })

  it('is refused when it is something else, such as a LoRA', async () => {
    const folder = await copyOf('tiny-sd15')
    await rm(join(folder, 'tiny-sd15-fp16.safetensors'))
    const header = Buffer.from('{}')
    const length = Buffer.alloc(8)
    length.writeBigUInt64LE(BigInt(header.length))
    await writeFile(join(folder, 'lora.safetensors'), Buffer.concat([length, header]))
    const { usable, problems } = await inspectModel(folder)
    expect(usable).toBe(false)
    expect(problems[0]?.message).toContain('lora.safetensors is no checkpoint of Stable Diffusion 1, 2 or XL')
  })

  it('is refused when a network has a tensor that Easel does not know', async () => {
    const folder = await copyOf('tiny-sd15')
    const file = join(folder, 'tiny-sd15-fp16.safetensors')
    const text = (await readFile(file)).toString('latin1')
    await writeFile(
      file,
      text.replace('model.diffusion_model.time_embed.2.bias', 'model.diffusion_model.time_embed.9.bias'),
      'latin1',
    )
    const { problems } = await inspectModel(folder)
    expect(problems[0]).toMatchObject({ code: 'model-incompatible', details: { tensor: 'time_embed.9.bias' } })
  })
})
