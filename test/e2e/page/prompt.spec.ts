/** Writing a prompt: tokens, brackets, styles, lists of words, and files that are dropped on it. The real server and model. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test, type Page } from '@playwright/test'
import { startReal, type EaselServer } from './easel-server.ts'
import { expectClean } from './expect-clean.ts'
import { StudioPage } from './studio-page.ts'

let server: EaselServer

test.describe('writing a prompt', () => {
  test.beforeAll(async () => {
    server = await startReal()
  })
  test.afterAll(() => server.close())

  test("the count of tokens is the model's own, and a long prompt takes a second part", async ({ page }) => {
    const studio = new StudioPage(page)
    await studio.open(server.url)
    await studio.prompt.fill('a red fox in the snow')
    await expect(page.locator('[data-tokens]')).toHaveText('6 / 75')
    await studio.prompt.fill(Array.from({ length: 80 }, () => 'fox').join(' '))
    await expect(page.locator('[data-tokens]')).toHaveText('80 / 150')
    await expect(page.getByRole('img', { name: /In parts of 75: 75 \+ 5/ })).toBeVisible()
    await studio.prompt.fill('a {red|blue} fox')
    await expect(page.locator('[data-tokens]')).toContainText('≈')
  })

  test('a prompt in a language that is written from right to left runs that way, also where it is shown', async ({
    page,
  }) => {
    const studio = new StudioPage(page)
    await studio.open(server.url)
    const words = 'قطة حمراء 🦊'
    await studio.prompt.fill(words)
    await expect(studio.prompt).toHaveCSS('direction', 'rtl')
    await studio.setSteps(1)
    await studio.generate.click()
    await expect(studio.picture(words)).toBeVisible()
    await expect(studio.stage.getByText(words)).toHaveCSS('direction', 'rtl')
    await studio.prompt.fill('a fox')
    await expect(studio.prompt).toHaveCSS('direction', 'ltr')
  })

  test('a typed bracket goes around what is selected, and undo takes it back', async ({ page }) => {
    const studio = new StudioPage(page)
    await studio.open(server.url)
    await studio.prompt.fill('a red fox')
    await studio.prompt.evaluate((field: HTMLTextAreaElement) => field.setSelectionRange(2, 5))
    await page.keyboard.press('(')
    await expect(studio.prompt).toHaveValue('a (red) fox')
    await page.keyboard.press('(')
    await expect(studio.prompt).toHaveValue('a ((red)) fox')
    await page.keyboard.press('Control+z')
    await expect(studio.prompt).toHaveValue('a (red) fox')
  })

  test('a bracket without a partner is marked, and so is the pair at the caret', async ({ page }) => {
    const studio = new StudioPage(page)
    await studio.open(server.url)
    await studio.prompt.pressSequentially('a (red fox')
    await expect(page.locator('.copy .wrong')).toHaveText('(')
    await studio.prompt.press(')')
    await expect(page.locator('.copy .wrong')).toHaveCount(0)
    await expect(page.locator('.copy .pair')).toHaveText(['(', ')'])
  })

  test('a prompt that cannot be read is explained at its field', async ({ page }) => {
    const studio = new StudioPage(page)
    await studio.open(server.url)
    await studio.prompt.fill('a fox AND a dog')
    await expect(page.getByText('AND in capitals combines nothing here')).toBeVisible()
    await studio.generate.click()
    await expect(studio.prompt).toBeFocused()
    await expect(page.getByText('Nothing is waiting.')).toBeVisible()
  })

  test('a style is made, put on, drawn with, and goes out and in as styles.csv', async ({ page }) => {
    const studio = new StudioPage(page)
    await studio.open(server.url)
    await studio.setSteps(1)
    await page.getByRole('button', { name: 'Styles' }).click()
    await page.getByRole('button', { name: 'Make, change, import…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Styles' })
    await dialog.getByLabel('Name').fill('Toy')
    await dialog.getByLabel('Prompt', { exact: true }).fill('a 3d icon of {prompt}')
    await expectClean(page, 'the styles')
    const download = page.waitForEvent('download')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.getByRole('button', { name: 'Export' }).click()
    expect(readFileSync(await (await download).path(), 'utf8')).toContain('Toy,a 3d icon of {prompt},')
    await dialog.locator('input[type=file]').setInputFiles({
      name: 'styles.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('name,prompt,negative_prompt\nNight,"at night, dark",sun\n'),
    })
    await expect(page.getByText('1 styles added, 0 replaced.')).toBeVisible()
    await dialog.getByRole('button', { name: 'Toy' }).click()
    await page.keyboard.press('Escape')

    await studio.prompt.fill('a fox')
    await page.getByRole('button', { name: 'Styles' }).click()
    await page.getByRole('checkbox', { name: /^Toy/ }).check()
    await page.keyboard.press('Escape')
    await studio.generate.click()
    await expect(studio.picture('a 3d icon of a fox')).toBeVisible()
    await expect(studio.prompt).toHaveValue('a fox')
    await page.getByRole('button', { name: 'Write out' }).click()
    await expect(studio.prompt).toHaveValue('a 3d icon of a fox')
    await expect(page.getByRole('button', { name: 'Take off the style Toy' })).toBeHidden()
  })

  test('a list of words is written, completed in the prompt, drawn from, deleted and brought back', async ({
    page,
  }) => {
    const studio = new StudioPage(page)
    await studio.open(server.url)
    await studio.setSteps(1)
    await page.getByRole('button', { name: 'Lists of words' }).click()
    const dialog = page.getByRole('dialog', { name: 'Lists of words' })
    await dialog.getByLabel('Name').fill('no good')
    await dialog.getByRole('textbox').nth(1).fill('lion')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await expect(dialog.getByRole('alert')).toContainText('Letters, digits')
    await dialog.getByLabel('Name').fill('animal')
    await expectClean(page, 'the lists of words')
    await page.keyboard.press('Escape')
    await expect(dialog).toBeHidden()

    await studio.prompt.pressSequentially('a __an')
    await expect(page.getByRole('option', { name: 'animal' })).toBeVisible()
    await page.keyboard.press('Enter')
    await expect(studio.prompt).toHaveValue('a __animal__')
    await expect(page.getByRole('option', { name: 'animal' })).toHaveCount(0)
    await page.keyboard.press('Control+Enter')
    await expect(studio.picture('a lion')).toBeVisible()

    await page.getByRole('button', { name: 'Lists of words' }).click()
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Undo' }).click()
    await studio.prompt.fill('the __')
    await expect(page.getByRole('option', { name: 'animal' })).toBeVisible()
  })

  test("a dropped picture of Easel's brings its prompt and settings back, and Undo what was there", async ({
    page,
  }) => {
    const studio = new StudioPage(page)
    await studio.open(server.url)
    await studio.setSteps(3)
    await page.getByRole('textbox', { name: 'Seed' }).fill('99')
    await studio.prompt.fill('a whale under the sea')
    await studio.generate.click()
    const picture = studio.picture('a whale under the sea')
    await expect(picture).toBeVisible()
    const bytes = await page.request.get(new URL(String(await picture.getAttribute('src')), server.url).href)
    await studio.prompt.fill('something else')
    await studio.setSteps(9)
    await drop(page, 'whale.png', 'image/png', await bytes.body())
    await expect(studio.prompt).toHaveValue('a whale under the sea')
    await expect(studio.number('Steps')).toHaveValue('3')
    await expect(page.getByRole('textbox', { name: 'Seed' })).toHaveValue('99')
    await page.getByRole('button', { name: 'Undo' }).click()
    await expect(studio.prompt).toHaveValue('something else')
    await expect(studio.number('Steps')).toHaveValue('9')
  })

  test('a picture that says nothing becomes the start picture, a text the prompt', async ({ page }) => {
    const studio = new StudioPage(page)
    await studio.open(server.url)
    const plain = readFileSync(path.resolve(import.meta.dirname, '../../fixtures/starter-goldens/input.png'))
    await drop(page, 'photo.png', 'image/png', plain)
    await expect(page.getByText('photo.png is the start picture now.')).toBeVisible()
    await studio.setSteps(4)
    await drop(page, 'idea.txt', 'text/plain', Buffer.from('a fox in the snow\n'))
    await expect(studio.prompt).toHaveValue('a fox in the snow')
    const request = page.waitForRequest('**/api/jobs.submit')
    await studio.generate.click()
    expect((await request).postDataJSON()).toMatchObject({ edit: { source: expect.stringMatching(/^[0-9a-f]{64}$/) } })
    await expect(studio.picture('a fox in the snow')).toBeVisible()
    await drop(
      page,
      'parameters.txt',
      'text/plain',
      Buffer.from('a bee\nSteps: 7, Sampler: UniPC, CFG scale: 3, Seed: 5'),
    )
    await expect(studio.prompt).toHaveValue('a bee')
    await expect(studio.number('Steps')).toHaveValue('7')
  })

  test('a file that is dropped on the gallery goes to the prompt, and what Easel has no word for is named', async ({
    page,
  }) => {
    const studio = new StudioPage(page)
    await studio.open(server.url)
    await page.goto(`${server.url}#gallery`)
    const heading = page.getByRole('heading', { name: 'Gallery', exact: true })
    const text = 'a bee\nSteps: 6, Sampler: Restart, CFG scale: 3, Seed: 5, Model: dream, ADetailer model: face'
    await drop(page, 'parameters.txt', 'text/plain', Buffer.from(text), heading)
    await expect(studio.prompt).toHaveValue('a bee')
    const left = 'the model dream, which is not here, ADetailer model, sampler restart'
    await expect(page.getByText(`Not taken over: ${left}.`)).toBeVisible()
  })
})

/** As the browser tells a page of a file that is dropped on a part of it. */
async function drop(
  page: Page,
  name: string,
  type: string,
  bytes: Buffer,
  place = page.getByRole('textbox', { name: 'Prompt', exact: true }),
): Promise<void> {
  const transfer = await page.evaluateHandle(
    ({ name, type, base64 }) => {
      const data = Uint8Array.from(atob(base64), letter => letter.charCodeAt(0))
      const transfer = new DataTransfer()
      transfer.items.add(new File([data], name, { type }))
      return transfer
    },
    { name, type, base64: bytes.toString('base64') },
  )
  for (const event of ['dragenter', 'dragover', 'drop']) await place.dispatchEvent(event, { dataTransfer: transfer })
}
