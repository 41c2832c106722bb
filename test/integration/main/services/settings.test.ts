import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DEFAULT_SETTINGS } from '#contract/settings'
import { scratchFolder } from '#test/scratch-folder'
import { openTestApp } from '#test/test-app'
import { said } from '#test/said'

test('settings survive a restart, and an update changes only what it names', async () => {
  const dataFolder = await scratchFolder()
  const before = await openTestApp({ dataFolder })
  expect(await before.api.settings.get({})).toEqual(DEFAULT_SETTINGS)
  await Promise.all([before.api.settings.update({ theme: 'dark' }), before.api.settings.update({ threads: 2 })])
  await before.dispose()
  const after = await openTestApp({ dataFolder })
  expect(await after.api.settings.get({})).toEqual({ ...DEFAULT_SETTINGS, theme: 'dark', threads: 2 })
})

test('a file with wrong and unknown fields is mended field by field, and each is told', async () => {
  const dataFolder = await scratchFolder()
  await mkdir(dataFolder, { recursive: true })
  await writeFile(join(dataFolder, 'settings.json'), '{"theme":"dark","threads":-1,"colour":"red"}')
  const app = await openTestApp({ dataFolder })
  expect(await app.api.settings.get({})).toEqual({ ...DEFAULT_SETTINGS, theme: 'dark' })
  const { notices } = await app.api.app.info({})
  expect(said(notices)).toEqual([expect.stringMatching(/threads was -1/), expect.stringMatching(/colour was "red"/)])
})

test('a damaged file is put aside and the defaults hold', async () => {
  const dataFolder = await scratchFolder()
  await writeFile(join(dataFolder, 'settings.json'), '{"theme":')
  const app = await openTestApp({ dataFolder })
  expect(await app.api.settings.get({})).toEqual(DEFAULT_SETTINGS)
  const copy = (await readdir(dataFolder)).find(name => name.startsWith('settings.json.damaged-'))
  expect(await readFile(join(dataFolder, String(copy)), 'utf8')).toBe('{"theme":')
})

test('pictures go to the folder of the settings, and those of the old folder are still there', async () => {
  const app = await openTestApp()
  const elsewhere = join(await scratchFolder(), 'my pictures')
  const make = async () =>
    app.finished((await app.api.jobs.submit({ prompt: 'x', width: 64, height: 64, steps: 1 })).id)
  const first = await make()
  await app.api.settings.update({ imagesFolder: elsewhere })
  const second = await make()
  expect(await app.imageFile(second.results[0])).toBe(join(elsewhere, `${second.results[0]}.png`))
  expect(await app.imageFile(first.results[0])).toBe(join(app.dataFolder, 'images', `${first.results[0]}.png`))
})

test.each(['settings.txt', 'settings.txt/pictures', 'a\0b'])(
  'a folder that cannot be used is refused: %j',
  async name => {
    const app = await openTestApp()
    await writeFile(join(app.dataFolder, 'settings.txt'), 'a file')
    const folder = join(app.dataFolder, name)
    await expect(app.api.settings.update({ imagesFolder: folder, theme: 'dark' })).rejects.toMatchObject({
      code: 'invalid-input',
      issues: [{ path: 'imagesFolder', value: expect.stringContaining('which cannot be used') as unknown }],
    })
    expect(await app.api.settings.get({})).toEqual(DEFAULT_SETTINGS)
  },
)

test('a default model that is not there is refused with those that are', async () => {
  const app = await openTestApp()
  await expect(app.api.settings.update({ defaultModel: 'nobody' })).rejects.toMatchObject({
    code: 'invalid-input',
    issues: [{ path: 'defaultModel', value: '"nobody"', allowed: expect.stringMatching(/^starter, /) as unknown }],
  })
  expect(await app.api.settings.update({ defaultModel: 'starter' })).toMatchObject({ defaultModel: 'starter' })
  expect(await app.api.settings.update({ defaultModel: null })).toMatchObject({ defaultModel: null })
})

test('a folder that is not absolute is refused and the setting stays', async () => {
  const app = await openTestApp()
  await expect(app.api.settings.update({ imagesFolder: 'pictures' })).rejects.toMatchObject({
    code: 'invalid-input',
    issues: [{ path: 'imagesFolder' }],
  })
  expect((await app.api.settings.get({})).imagesFolder).toBeNull()
})
