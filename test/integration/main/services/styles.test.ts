import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Style } from '#contract/styles'
import { scratchFolder } from '#test/scratch-folder'
import { openTestApp } from '#test/test-app'

const INK: Style = { name: 'Ink', prompt: 'ink drawing of {prompt}, "fine" lines', negativePrompt: 'colour' }
const FILM: Style = { name: 'Film', prompt: 'film grain', negativePrompt: '' }

it('keeps styles in styles.csv of the data folder, in their order, and tells the views', async () => {
  const app = await openTestApp()
  await app.api.styles.save(INK)
  expect(await app.api.styles.save(FILM)).toEqual([INK, FILM])
  const changed = { ...INK, name: 'Pen', prompt: 'pen' }
  expect(await app.api.styles.save({ ...changed, replaces: 'Ink' })).toEqual([changed, FILM])
  expect(await app.api.styles.delete({ name: 'Film' })).toEqual([changed])
  expect(app.seen.filter(event => event.type === 'styles').at(-1)).toEqual({ type: 'styles', styles: [changed] })
  const file = await readFile(join(app.dataFolder, 'styles.csv'), 'utf8')
  expect(file).toBe('\ufeffname,prompt,negative_prompt\r\nPen,pen,colour\r\n')
  expect(await app.api.styles.export({})).toEqual({ csv: file })
})

it('refuses a second style of one name', async () => {
  const app = await openTestApp()
  await app.api.styles.save(INK)
  await expect(app.api.styles.save({ ...FILM, name: 'Ink' })).rejects.toMatchObject({
    code: 'invalid-input',
    issues: [{ path: 'name' }],
  })
})

it('takes in a file of A1111: same names take the place of what was there, the others join', async () => {
  const app = await openTestApp()
  await app.api.styles.save(INK)
  const imported = await app.api.styles.import({
    csv: 'name,prompt,negative_prompt\nFilm,film grain,\nInk,just ink,\n',
  })
  const ink = { ...INK, prompt: 'just ink', negativePrompt: '' }
  expect(imported).toEqual({ styles: [ink, FILM], added: 1, replaced: 1 })
  await expect(app.api.styles.import({ csv: 'no table' })).rejects.toMatchObject({ code: 'invalid-input' })
  expect(await app.api.styles.list({})).toEqual([ink, FILM])
})

it('says what is wrong with a damaged file, and leaves it to be mended', async () => {
  const dataFolder = await scratchFolder()
  await writeFile(join(dataFolder, 'styles.csv'), 'name,prompt\nA,"open')
  const app = await openTestApp({ dataFolder })
  await expect(app.api.styles.save(INK)).rejects.toMatchObject({ code: 'storage-corrupt' })
  expect(await readFile(join(dataFolder, 'styles.csv'), 'utf8')).toContain('"open')
})

it('loses none of many changes that come at once', async () => {
  const app = await openTestApp()
  const names = Array.from({ length: 20 }, (_, i) => `style ${i}`)
  await Promise.all(names.map(name => app.api.styles.save({ ...FILM, name })))
  expect((await app.api.styles.list({})).map(({ name }) => name)).toEqual(names)
})
