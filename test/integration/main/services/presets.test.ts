import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Preset } from '#contract/presets'
import { dispatch } from '#hosts/dispatch'
import { scratchFolder } from '#test/scratch-folder'
import { openTestApp } from '#test/test-app'
import { said } from '#test/said'

const QUICK: Preset = {
  model: 'starter',
  name: 'Quick',
  settings: { steps: 8, scheduler: 'unipc', hires: { scale: 1.5 } },
}

it('keeps presets over a restart, each for its model', async () => {
  const first = await openTestApp()
  await first.api.presets.save(QUICK)
  await first.api.presets.save({ ...QUICK, model: 'other' })
  await first.dispose()
  const app = await openTestApp({ dataFolder: first.dataFolder })
  expect(await app.api.presets.list({})).toEqual([QUICK, { ...QUICK, model: 'other' }])
  expect(await app.api.presets.delete({ model: 'other', name: 'Quick' })).toEqual([QUICK])
})

it('renames a preset in its place and refuses a name that another of the model has', async () => {
  const app = await openTestApp()
  await app.api.presets.save(QUICK)
  await app.api.presets.save({ ...QUICK, name: 'Slow' })
  const renamed = await app.api.presets.save({ ...QUICK, name: 'Fast', replaces: 'Quick' })
  expect(renamed.map(({ name }) => name)).toEqual(['Fast', 'Slow'])
  await expect(app.api.presets.save({ ...QUICK, name: 'Slow', replaces: 'Fast' })).rejects.toMatchObject({
    issues: [{ path: 'name' }],
  })
})

it('refuses settings that no request could have, and what is no setting', async () => {
  const app = await openTestApp()
  const save = (settings: object) => dispatch(app, 'presets.save', { ...QUICK, settings })
  expect(await save({ steps: 0 })).toMatchObject({ error: { issues: [{ path: 'settings.steps' }] } })
  expect(await save({ prompt: 'a fox' })).toMatchObject({ error: { issues: [{ path: 'settings.prompt' }] } })
})

it('puts a damaged file aside, says so, and starts anew', async () => {
  const dataFolder = await scratchFolder()
  await writeFile(join(dataFolder, 'presets.json'), '[{"model": "starter"')
  const app = await openTestApp({ dataFolder })
  expect(said((await app.api.app.info({})).notices).join()).toMatch(/The presets were damaged and start anew/)
  expect((await readdir(dataFolder)).some(name => name.startsWith('presets.json.damaged-'))).toBe(true)
  expect(await app.api.presets.save(QUICK)).toEqual([QUICK])
})
