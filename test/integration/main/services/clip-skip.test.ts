import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { scratchFolder } from '#test/scratch-folder'
import { openTestApp, ROOT } from '#test/test-app'

const MODELS = join(ROOT, 'test/fixtures/models')

async function openWith(...models: string[]) {
  const folder = await scratchFolder()
  await mkdir(folder, { recursive: true })
  for (const model of models) await cp(join(MODELS, model), join(folder, model), { recursive: true })
  return openTestApp({ modelFolders: [folder] })
}

it('refuses to skip layers with a model whose text encoder hides them, naming the field and the reason', async () => {
  const { api } = await openWith('sd15-inpaint')
  expect(await api.models.get({ id: 'sd15-inpaint' })).toMatchObject({ family: 'sd1', maxClipSkip: 0 })
  await expect(api.jobs.submit({ model: 'sd15-inpaint', prompt: 'a fox', clipSkip: 1 })).rejects.toMatchObject({
    code: 'invalid-input',
    issues: [{ path: 'clipSkip', value: '1', allowed: expect.stringContaining('last layer') as string }],
  })
})

it('skips as many layers as the model has, and not one more', async () => {
  const { api } = await openWith('sd15')
  expect(await api.models.get({ id: 'sd15' })).toMatchObject({ maxClipSkip: 3 })
  const job = await api.jobs.submit({ model: 'sd15', prompt: 'a fox', width: 64, height: 64, clipSkip: 3 })
  expect(job.request.clipSkip).toBe(3)
  await expect(api.jobs.submit({ model: 'sd15', prompt: 'a fox', clipSkip: 4 })).rejects.toMatchObject({
    issues: [{ path: 'clipSkip', allowed: expect.stringContaining('from 0 to 3') as string }],
  })
})
