/** A checkpoint that lies in models/ as it was downloaded, one file and nothing beside it: listed, drawn with, and the same in a folder. */
import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { GenerationInput } from '#contract/generation'
import { createLocalEngine } from '#engine/local-engine'
import { decodePicture } from '#imaging/sharp-codec'
import { createOrtSession } from '#pipeline/ort-session'
import { readPictureFile } from '#storage/picture-file'
import { writePlainCheckpoint } from '#test/plain-checkpoint'
import { scratchFolder } from '#test/scratch-folder'
import { openTestApp } from '#test/test-app'

it('one file makes pictures: its family says the rest, CLIP’s words are Easel’s own', async () => {
  const models = await scratchFolder()
  await mkdir(join(models, 'folder'))
  await writePlainCheckpoint(join(models, 'plain.safetensors'))
  await copyFile(join(models, 'plain.safetensors'), join(models, 'folder', 'plain.safetensors'))
  const engine = createLocalEngine({ createSession: createOrtSession, now: () => performance.now() })
  const app = await openTestApp({ modelFolders: [models], engine })
  const listed = await app.api.models.list({})
  expect(listed.map(({ id, family, problem }) => [id, family, problem])).toEqual([
    ['folder', 'sd1', null],
    ['plain', 'sd1', null],
  ])
  const draw = async (model: string, input: Partial<GenerationInput> = {}) => {
    const asked: GenerationInput = {
      model,
      prompt: 'a fox',
      width: 64,
      height: 96,
      steps: 1,
      seed: 5,
      guidance: 3,
      ...input,
    }
    const job = await app.finished((await app.api.jobs.submit(asked)).id)
    expect(job.error).toBeNull()
    const path = await app.imageFile(job.results[0] ?? '')
    const { width, height, data } = await decodePicture(path)
    return { size: [width, height], pixels: Buffer.from(data), info: (await readPictureFile(path))?.info }
  }
  const bare = await draw('plain')
  expect(bare.size).toEqual([64, 96])
  expect(new Set(bare.pixels).size).toBeGreaterThan(10)
  const inFolder = await draw('folder')
  expect(inFolder.pixels.equals(bare.pixels)).toBe(true)
  expect(inFolder.info?.modelHash).toBe(bare.info?.modelHash)
  expect((await draw('plain', { prompt: 'a boat' })).pixels.equals(bare.pixels)).toBe(false)
})
