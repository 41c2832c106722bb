/** Many pictures at once: a grid over two settings with its contact sheet, and a picture of a row that is skipped. */
import AxeBuilder from '@axe-core/playwright'
import { expect, test } from '@playwright/test'
import { startFake, type EaselServer } from './easel-server.ts'
import { StudioPage } from './studio-page.ts'

let server: EaselServer

test.beforeAll(async () => {
  server = await startFake(30)
})
test.afterAll(() => server.close())
test.beforeEach(({ request }) => server.becomeIdle(request))

test('a grid over steps and words is queued from the keyboard, and its contact sheet can be saved', async ({
  page,
}) => {
  const studio = new StudioPage(page)
  await studio.open(server.url)
  await studio.prompt.fill('a fox in the snow')
  await studio.prompt.blur()
  await page.keyboard.press('g')
  const dialog = page.getByRole('dialog', { name: 'Grid of settings' })
  const columns = dialog.getByRole('textbox', { name: 'Values of: Columns' })
  await columns.fill('2, x')
  await expect(dialog.getByText('“x” is neither a number')).toBeVisible()
  await columns.fill('2-4 (+2)')
  await dialog.getByRole('combobox', { name: 'Rows' }).selectOption('prompt')
  await dialog.getByRole('textbox', { name: 'Values of: Rows' }).fill('fox, cat')
  await expect(dialog.getByText('4 pictures')).toBeVisible()
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
  await dialog.getByRole('textbox', { name: 'Values of: Rows' }).press('Enter')
  await expect(dialog).toBeHidden()
  await expect(studio.thumbnails()).toHaveCount(4)

  await page.getByRole('tab', { name: 'History' }).click()
  await page.getByRole('button', { name: 'Contact sheet' }).first().click()
  const sheet = page.getByRole('img', { name: 'Contact sheet with 4 of 4 pictures' })
  await expect(sheet).toBeVisible()
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save as a file' }).click()
  expect((await download).suggestedFilename()).toMatch(/^easel-grid-.*\.png$/)
})

test('the picture in work is skipped and the next one is drawn', async ({ page }) => {
  const studio = new StudioPage(page)
  await studio.open(server.url)
  await studio.prompt.fill('a boat')
  await page.getByRole('radio', { name: '4', exact: true }).click()
  await studio.setSteps(40)
  await studio.prompt.press('Control+Enter')
  await page.getByRole('button', { name: 'Skip this picture' }).click()
  await expect(studio.stage.getByRole('button', { name: /a boat, picture \d of 4/ })).toHaveCount(3)
  await expect(studio.stage.getByRole('img', { name: /picture \d of 4: Skipped/ })).toHaveCount(1)
  await page.getByRole('tab', { name: 'History' }).click()
  await expect(page.getByText('1 skipped')).toBeVisible()
})

test('two pictures are compared with a slider and by what was set differently', async ({ page }) => {
  const studio = new StudioPage(page)
  await studio.open(server.url)
  for (const prompt of ['a cat on grass', 'a dog on grass']) {
    const before = await studio.thumbnails().count()
    await studio.prompt.fill(prompt)
    await studio.prompt.press('Control+Enter')
    await expect(studio.thumbnails()).toHaveCount(before + 1)
    await expect(studio.picture(prompt)).toBeVisible()
    if (before === 0) await page.getByRole('button', { name: /^Sampler/ }).click()
    await page.getByRole('combobox', { name: 'Sampler' }).selectOption('unipc')
  }
  await studio.prompt.blur()
  await page.keyboard.press('Shift+C')
  const dialog = page.getByRole('dialog', { name: 'Compare' })
  await expect(dialog.getByRole('row', { name: /^Sampler .* UniPC$/ })).toBeVisible()
  await expect(dialog.getByRole('row', { name: 'Prompt a cat on grass a dog on grass' })).toBeVisible()
  const slider = dialog.getByRole('slider')
  await slider.press('ArrowRight')
  await expect(slider).toHaveValue('51')
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()

  await page.keyboard.press('2')
  for (const prompt of ['a cat on grass', 'a dog on grass'])
    await page
      .getByRole('checkbox', { name: `Select ${prompt}` })
      .first()
      .click()
  await page.getByRole('button', { name: 'Compare', exact: true }).click()
  await expect(dialog.getByRole('img', { name: 'First: a cat on grass' })).toBeVisible()
})
