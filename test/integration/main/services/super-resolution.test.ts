/** Models that make pictures larger, as requests meet them: how they are recognised, which size is meant, what is refused. */
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { GenerationInput } from '#contract/generation'
import { encodePng } from '#imaging/png-encode'
import { putEnlargingNetwork } from '#test/enlarging-network'
import { scratchFolder } from '#test/scratch-folder'
import { openTestApp, ROOT } from '#test/test-app'

const INPUT = { model: 'repeat', prompt: '' }

async function openWithNetwork() {
  const folder = join(await scratchFolder(), 'models')
  await putEnlargingNetwork(folder, 'repeat', { factor: 2 })
  await cp(join(ROOT, 'test/fixtures/models/sd15'), join(folder, 'sd15'), { recursive: true })
  const app = await openTestApp({ modelFolders: [folder] })
  async function importPicture(width: number, height: number): Promise<string> {
    const png = await encodePng({ width, height, data: new Uint8Array(3 * width * height) })
    return (await app.api.sources.import({ base64: Buffer.from(png).toString('base64') })).id
  }
  return { ...app, folder, importPicture }
}

it('knows the network by its graph alone, and does not take it where a request names no model', async () => {
  const { api, importPicture } = await openWithNetwork()
  expect(await api.models.get({ id: 'repeat' })).toMatchObject({ features: ['super-resolution'], problem: null })
  expect((await api.jobs.submit({ prompt: 'a fox' })).request.model).toBe('sd15')
  const job = await api.jobs.submit({ ...INPUT, edit: { source: await importPicture(40, 40) } })
  expect(job.request.model).toBe('repeat')
})

it.each([
  { of: [128, 96], size: { width: 256, height: 192 } },
  { of: [75, 51], size: { width: 144, height: 96 } },
  { of: [3000, 1500], size: { width: 4096, height: 2048 } },
])('makes a picture of $of twice as large as far as sizes go, where no size is asked for', async ({ of, size }) => {
  const { api, importPicture } = await openWithNetwork()
  const job = await api.jobs.submit({ ...INPUT, edit: { source: await importPicture(of[0], of[1]) } })
  expect(job.request).toMatchObject(size)
})

it('leaves a size that is asked for as it is', async () => {
  const { api, importPicture } = await openWithNetwork()
  const size = { width: 512, height: 384 }
  const job = await api.jobs.submit({ ...INPUT, ...size, edit: { source: await importPicture(128, 96) } })
  expect(job.request).toMatchObject(size)
})

it('refuses what such a network cannot do, naming the field', async () => {
  const { api, importPicture } = await openWithNetwork()
  const source = await importPicture(40, 40)
  const refused: [Partial<GenerationInput>, string][] = [
    [{}, 'edit'],
    [{ images: 2, edit: { source } }, 'images'],
    [{ edit: { source, mask: source } }, 'edit.mask'],
    [{ edit: { source, extend: { left: 8, top: 0, right: 0, bottom: 0 } } }, 'edit.extend.left'],
  ]
  for (const [changes, path] of refused) {
    const submitted = api.jobs.submit({ ...INPUT, ...changes })
    await expect(submitted).rejects.toMatchObject({ code: 'invalid-input', issues: [{ path }] })
  }
})

it('says of a graph that makes something else why it is no such network', async () => {
  const { api, folder } = await openWithNetwork()
  await putEnlargingNetwork(folder, 'grey', { factor: 2, channels: 1 })
  await mkdir(join(folder, 'broken'))
  await writeFile(join(folder, 'broken', 'model.onnx'), 'not a graph')
  const problem = async (id: string) => (await api.models.get({ id })).problem
  expect(await problem('grey')).toMatchObject({ code: 'model-incompatible', details: { tensor: 'input' } })
  expect(await problem('broken')).toMatchObject({ code: 'model-corrupt', details: { file: 'model.onnx' } })
})
