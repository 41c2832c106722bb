import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { dispatch } from '#hosts/dispatch'
import { scratchFolder } from '#test/scratch-folder'
import { openTestApp } from '#test/test-app'

it('lists, makes, reads, renames and removes the text files of the folder', async () => {
  const app = await openTestApp()
  const { wildcards } = app.api
  await wildcards.save({ name: 'colour', text: '# mine\nred\n\nblue\n' })
  expect(await wildcards.save({ name: 'places/indoor', text: 'a kitchen' })).toEqual({
    lists: [
      { name: 'colour', entries: 2 },
      { name: 'places/indoor', entries: 1 },
    ],
    unusable: [],
  })
  expect(await wildcards.get({ name: 'colour' })).toEqual({ name: 'colour', text: '# mine\nred\n\nblue\n' })
  await wildcards.save({ name: 'hue', text: 'red', replaces: 'colour' })
  await wildcards.save({ name: 'Hue', text: 'green', replaces: 'hue' })
  expect(await readFile(join(app.dataFolder, 'wildcards/Hue.txt'), 'utf8')).toBe('green')
  expect((await readdir(join(app.dataFolder, 'wildcards'))).toSorted()).toEqual(['Hue.txt', 'places'])
  expect((await wildcards.delete({ name: 'Hue' })).lists).toEqual([{ name: 'places/indoor', entries: 1 }])
  await expect(wildcards.get({ name: 'Hue' })).rejects.toMatchObject({ code: 'not-found' })
})

it('draws from a list as soon as it is made', async () => {
  const app = await openTestApp()
  await app.api.wildcards.save({ name: 'colour', text: 'crimson' })
  const job = await app.api.jobs.submit({ prompt: 'a __colour__ fox', width: 64, height: 64, steps: 1 })
  expect(job.request.texts).toEqual([{ prompt: 'a crimson fox', negativePrompt: '' }])
})

it('shows files that no prompt can name, and overwrites no other list', async () => {
  const dataFolder = await scratchFolder()
  await mkdir(join(dataFolder, 'wildcards'))
  await writeFile(join(dataFolder, 'wildcards/my colours.txt'), 'red')
  const app = await openTestApp({ dataFolder })
  expect((await app.api.wildcards.save({ name: 'a', text: '1' })).unusable).toEqual(['my colours'])
  await expect(app.api.wildcards.save({ name: 'a', text: '2' })).rejects.toMatchObject({ issues: [{ path: 'name' }] })
})

it.each(['../settings', 'a/../b', '/etc/x', '.hidden', 'a__b', 'a_', 'a//b', '', 'a b', 'a\\b', 'C:x'])(
  'refuses the name "%s", which would leave the folder or cannot be written in a prompt',
  async name => {
    const app = await openTestApp()
    const reply = await dispatch(app, 'wildcards.save', { name, text: 'x' })
    expect(reply).toMatchObject({ ok: false, error: { code: 'invalid-input', issues: [{ path: 'name' }] } })
  },
)
