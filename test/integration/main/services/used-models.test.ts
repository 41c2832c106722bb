/** What a picture's file says of the models that made it beside the first one. */
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createLocalEngine } from '#engine/local-engine'
import { createOrtSession } from '#pipeline/ort-session'
import { createModelHashes } from '#services/model-hashes'
import { readPictureFile } from '#storage/picture-file'
import { fixtureFolder } from '#test/fixture-job'
import { scratchFolder } from '#test/scratch-folder'
import { createSilentLog } from '#test/silent-log'
import { openTestApp } from '#test/test-app'

it('has the hash of the refiner, which is that of the refiner as a model, and none without one', async () => {
  const models = await scratchFolder()
  for (const name of ['sdxl', 'sdxl-refiner']) await cp(fixtureFolder(name), join(models, name), { recursive: true })
  const engine = createLocalEngine({ createSession: createOrtSession, now: () => performance.now() })
  const app = await openTestApp({ modelFolders: [models], engine })
  const size = { width: 64, height: 96, steps: 2, seed: 1 }
  const infoOf = async (input: { refiner?: { model: string; at: number } }) => {
    const job = await app.finished(
      (await app.api.jobs.submit({ model: 'sdxl', prompt: 'a boat', ...size, ...input })).id,
    )
    expect(job.error).toBeNull()
    return (await readPictureFile(await app.imageFile(job.results[0] ?? '')))?.info
  }
  const hashes = createModelHashes(join(await scratchFolder(), 'hashes.json'), createSilentLog())
  const { signal } = new AbortController()
  const [modelHash, refinerHash] = [
    await hashes.ofModel(join(models, 'sdxl'), signal),
    await hashes.ofModel(join(models, 'sdxl-refiner'), signal),
  ]
  expect(refinerHash).not.toBe(modelHash)
  expect(await infoOf({ refiner: { model: 'sdxl-refiner', at: 0.5 } })).toMatchObject({ modelHash, refinerHash })
  const alone = await infoOf({})
  expect(alone).toMatchObject({ modelHash })
  expect(alone).not.toHaveProperty('refinerHash')
})
