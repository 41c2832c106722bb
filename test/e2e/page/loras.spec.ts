/** LoRAs in the form: offered where the model takes them, weighed, taken away, sent, and back from a picture. Real server and model. */
import { expect, test, type Page } from '@playwright/test'
import { startReal, type EaselServer } from './easel-server.ts'
import { expectClean } from './expect-clean.ts'
import { StudioPage } from './studio-page.ts'

let server: EaselServer

test.setTimeout(90_000)

test.beforeAll(async () => {
  const [sd15, sdxl] = ['checkpoints/tiny-sd15/lora', 'checkpoints/tiny-sdxl/lora']
  server = await startReal({
    models: ['../checkpoints/tiny-sd15'],
    loras: {
      watercolour: `${sd15}/kohya_r4_locon_fp16.safetensors`,
      portrait: `${sd15}/peft_r8_fp16.safetensors`,
      'for another model': `${sdxl}/kohya_r4_locon_fp16.safetensors`,
    },
  })
})
test.afterAll(() => server.close())

const weightOf = (page: Page, name: string) => page.getByRole('group', { name, exact: true }).getByRole('spinbutton')

test('LoRAs are shown for a model that takes them, chosen, weighed and sent', async ({ page }) => {
  const studio = new StudioPage(page)
  await studio.open(server.url)
  const group = page.getByRole('button', { name: /^LoRA/ })
  await expect(page.getByRole('button', { name: /^Sampler/ })).toBeVisible()
  await expect(group).toBeHidden() // the starter is an export
  await page.getByRole('combobox', { name: 'Model' }).selectOption('tiny-sd15')
  await group.click()
  const add = page.getByRole('combobox', { name: 'Add a LoRA' })
  await expect(add.getByRole('option')).toHaveText(['Choose …', 'portrait', 'watercolour'])
  await expect(page.getByText('1 file is for other models.')).toBeVisible()
  await add.selectOption('watercolour')
  await add.selectOption('portrait')
  await weightOf(page, 'watercolour').fill('0.6')
  await expect(page.getByRole('group', { name: 'watercolour' }).getByRole('slider')).toHaveAttribute(
    'aria-valuenow',
    '0.6',
  )
  await page.getByRole('button', { name: 'Remove the LoRA portrait' }).click()
  await expect(weightOf(page, 'portrait')).toBeHidden()
  await expectClean(page, 'a LoRA in the form')

  await weightOf(page, 'watercolour').fill('9')
  await studio.prompt.fill('a fox')
  await studio.setSteps(1)
  await studio.generate.click()
  await expect(page.getByText('Must be a number from -4 to 4.')).toBeVisible()
  await weightOf(page, 'watercolour').fill('0.6')
  const request = page.waitForRequest('**/api/jobs.submit')
  await studio.generate.click()
  expect((await request).postDataJSON()).toMatchObject({ loras: [{ name: 'watercolour', weight: 0.6 }] })
  await expect(studio.picture('a fox')).toBeVisible()

  await page.reload()
  await expect(weightOf(page, 'watercolour')).toHaveValue('0.6')
})

test('a LoRA in the prompt works like one of the form, and one that is not there is told', async ({ page }) => {
  const studio = new StudioPage(page)
  await studio.open(server.url)
  await page.getByRole('combobox', { name: 'Model' }).selectOption('tiny-sd15')
  await studio.setSteps(1)
  await studio.prompt.fill('a boat <lora:nothing:1>')
  await studio.generate.click()
  await expect(page.getByText(/one of for another model, portrait, watercolour/)).toBeVisible()
  await studio.prompt.fill('a boat <lora:portrait:0.5>')
  await studio.generate.click()
  await expect(studio.picture('a boat')).toBeVisible()
})
