import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openTestApp, ROOT } from '#test/test-app'

const MODELS = join(ROOT, 'test/fixtures/models')
const open = () => openTestApp({ modelFolders: [MODELS, join(MODELS, 'flux')] })

it('says of each model which samplers fit it and how its guidance works', async () => {
  const { api } = await open()
  const of = (id: string) => api.models.get({ id })
  expect(await of('sd15')).toMatchObject({ guidance: 'two-sided' })
  expect((await of('sd15')).samplers).not.toContain('flow-match-euler')
  expect(await of('lcm')).toMatchObject({ guidance: 'embedded' })
  expect((await of('tiny-flux-dev')).samplers).toEqual(['flow-match-euler', 'flow-match-heun', 'flow-match-lcm'])
})

it('refuses at once a sampler that cannot run the model, and a spacing that the sampler has not', async () => {
  const { api } = await open()
  await expect(api.jobs.submit({ model: 'sd15', prompt: 'a', scheduler: 'flow-match-euler' })).rejects.toMatchObject({
    issues: [{ path: 'scheduler' }],
  })
  await expect(
    api.jobs.submit({ model: 'sd15', prompt: 'a', scheduler: 'ddim', sigmaSchedule: 'karras' }),
  ).rejects.toMatchObject({
    issues: [{ path: 'sigmaSchedule' }],
  })
})
