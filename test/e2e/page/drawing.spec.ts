/** From words to a picture with the real engine and the starter model. */
import { expect, test } from '@playwright/test'
import { startReal, type EaselServer } from './easel-server.ts'
import { expectClean } from './expect-clean.ts'
import { meanColour, StudioPage } from './studio-page.ts'

let server: EaselServer

test.describe('drawing with the real engine', () => {
  test.beforeAll(async () => {
    server = await startReal()
  })
  test.afterAll(() => server.close())

  test('a red apple on a blue background has a reddish middle and a bluish corner', async ({ page }) => {
    const studio = new StudioPage(page)
    await studio.open(server.url)
    await studio.prompt.fill('a red apple on a blue background')
    await page.getByRole('textbox', { name: 'Seed' }).fill('7')
    // The starter takes a few frames a step: looked for in every frame, or it is over between two looks.
    const showsSteps = page.waitForFunction(() => /step \d+ of 20/.test(document.body.textContent), null, {
      polling: 'raf',
    })
    await studio.generate.click()
    await showsSteps

    const picture = studio.picture('a red apple on a blue background')
    await expect(picture).toBeVisible()
    await expect(page.getByText('128 × 128 · seed 7 · shown at 5×')).toBeVisible()
    const [red, , blue] = await meanColour(picture, { x: 0.5, y: 0.55 }, 16)
    expect(red).toBeGreaterThan(blue + 40)
    const [cornerRed, , cornerBlue] = await meanColour(picture, { x: 0, y: 1 }, 12)
    expect(cornerBlue).toBeGreaterThan(cornerRed + 40)
  })

  test('an example of the empty stage draws itself when it is clicked', async ({ page }) => {
    const studio = new StudioPage(page)
    await studio.open(server.url)
    const example = studio.stage.getByRole('button', { name: /^Draw/ }).first()
    const prompt = (await example.textContent())?.trim() ?? ''
    await example.click()
    await expect(studio.prompt).toHaveValue(prompt)
    await expect(studio.picture(prompt)).toBeVisible()
  })

  test('the same seed makes the same picture again, another seed another one', async ({ page }) => {
    const studio = new StudioPage(page)
    await studio.open(server.url)
    await studio.setSteps(4)
    await studio.prompt.fill('a fox in the snow')
    const colours: string[] = []
    for (const seed of ['11', '11', '12']) {
      const before = await studio.thumbnails().count()
      await page.getByRole('textbox', { name: 'Seed' }).fill(seed)
      await studio.prompt.press('Control+Enter')
      await expect(studio.thumbnails()).toHaveCount(before + 1)
      const picture = studio.picture('a fox in the snow')
      await expect(picture).toBeVisible()
      colours.push((await meanColour(picture, { x: 0.5, y: 0.5 }, 128)).join())
    }
    expect(colours[1]).toBe(colours[0])
    expect(colours[2]).not.toBe(colours[0])
  })

  test('four pictures stand side by side, and a click shows one of them large', async ({ page }) => {
    const studio = new StudioPage(page)
    await studio.open(server.url)
    await studio.setSteps(3)
    await studio.prompt.fill('a cat in space')
    await page.getByRole('radio', { name: '4', exact: true }).click()
    await studio.prompt.press('Control+Enter')
    const cells = studio.stage.getByRole('button', { name: /a cat in space, picture \d of 4/ })
    await expect(cells).toHaveCount(4)
    await cells.nth(2).click()
    await expect(studio.picture('a cat in space')).toBeVisible()
    await page.getByRole('button', { name: 'All 4 pictures' }).click()
    await expect(cells).toHaveCount(4)
  })

  test('another shape makes a picture of that shape', async ({ page }) => {
    const studio = new StudioPage(page)
    await studio.open(server.url)
    await studio.setSteps(2)
    await page.getByRole('radio', { name: '3:4' }).click()
    await studio.prompt.fill('a tree')
    await studio.generate.click()
    const picture = studio.picture('a tree')
    await expect(picture).toBeVisible()
    const size = await picture.evaluate((image: HTMLImageElement) => [image.naturalWidth, image.naturalHeight])
    expect(size).toEqual([96, 128])
  })

  test('what happened while a picture was made is told with it, on the stage and in the gallery', async ({ page }) => {
    const studio = new StudioPage(page)
    await studio.open(server.url)
    await studio.number('Width').fill('104')
    await studio.setSteps(2)
    await studio.prompt.fill('a green boat')
    await studio.generate.click()
    await expect(studio.picture('a green boat')).toBeVisible()
    const cropped = page.getByText(/^Rendered at 128x128 and cropped to 104x128/)
    await studio.stage.getByRole('button', { name: '1 notice' }).click()
    await expect(cropped).toBeVisible()
    await expectClean(page, 'the notices of a picture')
    await page.keyboard.press('Escape')
    await expect(cropped).toHaveCount(0)
    await page.getByRole('button', { name: 'Gallery' }).click()
    await page
      .getByRole('button', { name: /^Open .*a green boat/ })
      .first()
      .click()
    await page.getByRole('dialog').getByRole('button', { name: '1 notice' }).click()
    await expect(cropped).toBeVisible()
  })
})
