/** The settings: simple and everything, presets, what each model can do, and ways back to the default. Real server and models. */
import path from 'node:path'
import { expect, test } from '@playwright/test'
import { startReal, type EaselServer } from './easel-server.ts'
import { expectClean } from './expect-clean.ts'
import { StudioPage } from './studio-page.ts'

const PICTURE = path.resolve(import.meta.dirname, '../../fixtures/starter-goldens/input.png')

let server: EaselServer

/** Several models and looks at the page by axe take their time on a busy machine. */
test.setTimeout(90_000)

test.describe('the settings', () => {
  test.beforeAll(async () => {
    const models = ['sd15-controlnet', 'lcm', 'sdxl', 'sdxl-refiner', 'flux/tiny-flux-dev']
    server = await startReal({ models })
  })
  test.afterAll(() => server.close())

  test('simple mode asks for prompt, shape, quality and number, and tells of what else is changed', async ({
    page,
  }) => {
    const studio = new StudioPage(page)
    await openReady(studio, 'simple')
    await expect(studio.number('Steps')).toBeHidden()
    await expect(page.getByText('What this model was made for.')).toBeVisible()
    await page.getByRole('radio', { name: 'Quick' }).click()
    await studio.prompt.fill('a fox')
    const request = page.waitForRequest('**/api/jobs.submit')
    await studio.generate.click()
    expect((await request).postDataJSON()).toMatchObject({ steps: 10, scheduler: 'dpmpp-2m', sigmaSchedule: 'karras' })
    await expect(studio.picture('a fox')).toBeVisible()

    await page.getByRole('radio', { name: 'Everything' }).click()
    await studio.number('Guidance (CFG)').fill('7')
    await page.reload()
    await expect(studio.number('Guidance (CFG)')).toHaveValue('7')
    await page.getByRole('radio', { name: 'Simple' }).click()
    await expect(page.getByText('1 other setting is changed.')).toBeVisible()
    await page.getByRole('button', { name: 'Reset all' }).click()
    await expect(page.getByText('other setting')).toBeHidden()
    await expectClean(page, 'simple mode')
  })

  test('a field that simple mode hides is shown when it is wrong', async ({ page }) => {
    const studio = new StudioPage(page)
    await openReady(studio)
    await studio.prompt.fill('a fox')
    await page.getByRole('button', { name: /^Sampler/ }).click()
    await studio.number('Rescale').fill('3')
    await page.getByRole('button', { name: /^Sampler/ }).click()
    await page.getByRole('radio', { name: 'Simple' }).click()
    await studio.generate.click()
    await expect(studio.number('Rescale')).toBeFocused()
    await expect(page.getByText('Must be a number from 0 to 1.')).toBeVisible()
  })

  test('a preset is kept, applied, renamed, deleted and brought back, for its model alone', async ({ page }) => {
    const studio = new StudioPage(page)
    await openReady(studio)
    await studio.setSteps(33)
    const menu = page.getByRole('button', { name: 'Presets' })
    await menu.click()
    await page.getByRole('textbox', { name: 'Name for the present settings' }).fill('Slow')
    await page.keyboard.press('Enter')
    const slow = page.getByRole('button', { name: 'Slow', exact: true })
    await expect(slow).toHaveAttribute('aria-current', 'true')
    await expectClean(page, 'the presets')
    await page.keyboard.press('Escape')
    await studio.setSteps(5)
    await menu.click()
    await slow.click()
    await expect(studio.number('Steps')).toHaveValue('33')

    await menu.click()
    await page.getByRole('button', { name: 'Rename the preset Slow' }).click()
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Slower')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Delete the preset Slower' }).click()
    await expect(page.getByText('Keep the present settings under a name')).toBeVisible()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Undo' }).click()
    await menu.click()
    await expect(page.getByRole('button', { name: 'Slower', exact: true })).toBeVisible()
    await page.keyboard.press('Escape')
    await choose(studio, 'Model', 'sdxl')
    await menu.click()
    await expect(page.getByText('Keep the present settings under a name')).toBeVisible()
  })

  test('a setting goes back to its default by its button, and turns with the wheel only in focus', async ({ page }) => {
    const studio = new StudioPage(page)
    await openReady(studio)
    const steps = studio.number('Steps')
    await steps.hover()
    await page.mouse.wheel(0, -100)
    await expect(steps).toHaveValue('20')
    await steps.focus()
    await page.mouse.wheel(0, -100)
    await expect(steps).toHaveValue('21')
    await page.getByRole('button', { name: 'Reset: Steps' }).click()
    await expect(steps).toHaveValue('20')
    await expect(page.getByRole('button', { name: 'Reset: Steps' })).toBeHidden()
  })

  test('each model shows what it can do, and a sampler only the schedules that it has', async ({ page }) => {
    const studio = new StudioPage(page)
    await openReady(studio)
    const group = (name: RegExp) => page.getByRole('button', { name })
    await expect(group(/^ControlNet/)).toBeHidden()
    await expect(group(/^Refiner/)).toBeHidden()
    await choose(studio, 'Model', 'starter-few')
    await expect(studio.number('Steps')).toHaveValue('4')
    await expect(studio.number('Guidance (CFG)')).toHaveValue('1')
    await choose(studio, 'Model', 'sd15-controlnet')
    await expect(group(/^ControlNet/)).toBeVisible()
    await expect(group(/^Start picture/)).toBeHidden()
    await choose(studio, 'Model', 'sdxl')
    await expect(group(/^Refiner/)).toBeVisible()
    await choose(studio, 'Model', 'tiny-flux-dev')
    await expect(page.getByRole('button', { name: 'Negative prompt' })).toBeHidden()
    await page.getByRole('textbox', { name: 'True guidance' }).fill('2')
    await expect(page.getByRole('button', { name: 'Negative prompt' })).toBeVisible()
    await group(/^Sampler/).click()
    await expect(page.getByRole('combobox', { name: 'Sampler' }).getByRole('option')).toHaveCount(3)
    await choose(studio, 'Model', 'lcm')
    await expect(page.getByRole('textbox', { name: 'Taught steps' })).toBeVisible()
    await choose(studio, 'Model', 'starter')
    await choose(studio, 'Sampler', 'dpmpp-2m')
    await choose(studio, 'Schedule', 'lu')
    await choose(studio, 'Sampler', 'ddim')
    await expect(page.getByRole('combobox', { name: 'Schedule' })).toHaveValue('model')
  })

  test('another autoencoder is offered where one fits the model, and draws', async ({ page }) => {
    const studio = new StudioPage(page)
    await openReady(studio)
    const field = page.getByRole('combobox', { name: 'Decoder (VAE)' })
    await choose(studio, 'Model', 'starter')
    await expect(field).toBeHidden()
    await choose(studio, 'Model', 'lcm')
    await expect(field.getByRole('option')).toHaveText(['The model’s own', 'sd15-controlnet'])
    await choose(studio, 'Decoder (VAE)', 'sd15-controlnet')
    await studio.prompt.fill('a fox')
    const request = page.waitForRequest('**/api/jobs.submit')
    await studio.generate.click()
    expect((await request).postDataJSON()).toMatchObject({ model: 'lcm', vae: 'sd15-controlnet' })
    await expect(studio.picture('a fox')).toBeVisible()
  })

  test('a second pass makes the larger picture that it announces', async ({ page }) => {
    const studio = new StudioPage(page)
    await openReady(studio)
    await studio.setSteps(2)
    await studio.prompt.fill('a star')
    await page.getByRole('button', { name: /^Second pass/ }).click()
    await page.getByRole('checkbox', { name: 'Draw a second, larger pass' }).check()
    await studio.number('Enlarge by').fill('1.5')
    await expect(page.getByText('The finished picture is 192 × 192.')).toBeVisible()
    await expectClean(page, 'the second pass')
    await studio.generate.click()
    const picture = studio.picture('a star')
    await expect(picture).toBeVisible()
    expect(await picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(192)
    await studio.number('Enlarge by').fill('9')
    await studio.generate.click()
    await expect(studio.number('Enlarge by')).toBeFocused()
    await expect(page.getByText('Must be a number from 1 to 4.')).toBeVisible()
  })

  test('a ControlNet is given a picture, and a refiner finishes', async ({ page }) => {
    const studio = new StudioPage(page)
    await openReady(studio)
    await choose(studio, 'Model', 'sd15-controlnet')
    await studio.setSteps(2)
    await page.getByRole('button', { name: /^ControlNet/ }).click()
    await page.locator('[data-field="controls"] input[type=file]').setInputFiles(PICTURE)
    await expect(page.getByRole('img', { name: 'Picture 1 to follow' })).toBeVisible()
    await choose(studio, 'Made of it', 'canny')
    await studio.number('Until').fill('0.5')
    await expectClean(page, 'a ControlNet')
    await studio.prompt.fill('a house')
    await studio.generate.click()
    await expect(studio.picture('a house')).toBeVisible()

    await choose(studio, 'Model', 'sdxl')
    await studio.setSteps(4)
    await page.getByRole('button', { name: /^Refiner/ }).click()
    await choose(studio, 'Refiner', 'sdxl-refiner')
    await studio.prompt.fill('a hill')
    await studio.generate.click()
    await expect(studio.picture('a hill')).toBeVisible()
  })
})

/** Until the models are known there is nothing to set. */
async function openReady(studio: StudioPage, mode: 'simple' | 'everything' = 'everything'): Promise<void> {
  await studio.page.addInitScript(chosen => {
    localStorage.setItem('easel.form-mode', localStorage.getItem('easel.form-mode') ?? chosen)
  }, mode)
  await studio.open(server.url)
  await expect(studio.page.getByRole('combobox', { name: 'Model', exact: true })).toBeVisible()
}

function choose(studio: StudioPage, field: string, value: string): Promise<string[]> {
  return studio.page.getByRole('combobox', { name: field, exact: true }).selectOption({ value })
}
