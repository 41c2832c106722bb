/** The canvas with real strokes, the real engine and the starter model: only what was painted over changes. */
import { readFileSync } from 'node:fs'
import { expect, test, type Page } from '@playwright/test'
import { startReal, type EaselServer } from './easel-server.ts'
import { expectClean } from './expect-clean.ts'
import { StudioPage } from './studio-page.ts'

let server: EaselServer

test.beforeAll(async () => {
  server = await startReal()
})
test.afterAll(() => server.close())

/** A picture of the starter model on the canvas. */
async function openOnCanvas(page: Page): Promise<string> {
  const studio = new StudioPage(page)
  await studio.open(server.url)
  await studio.setSteps(4)
  await studio.prompt.fill('a red apple on a beach')
  await studio.generate.click()
  await expect(studio.picture('a red apple on a beach')).toBeVisible()
  await page.getByRole('button', { name: 'Inpaint' }).click()
  await expect(surface(page)).toBeVisible()
  return (await newestImages(page))[0]
}

const surface = (page: Page) => page.getByRole('application')
const tool = (page: Page, name: string) => page.getByRole('toolbar', { name: 'Tools' }).getByRole('button', { name })

/** A stroke between two places given as fractions of the canvas's sides. */
async function stroke(page: Page, from: [number, number], to: [number, number]): Promise<void> {
  const box = await surface(page).boundingBox()
  if (box === null) throw new Error('The canvas is not on the page.')
  const at = ([x, y]: [number, number]): [number, number] => [box.x + box.width * x, box.y + box.height * y]
  await page.mouse.move(...at(from))
  await page.mouse.down()
  await page.mouse.move(...at(to), { steps: 12 })
  await page.mouse.up()
}

async function newestImages(page: Page): Promise<string[]> {
  const reply = await page.request.post(`${server.url}/api/gallery.list`, { data: {} })
  const { value } = (await reply.json()) as { value: { images: { id: string }[] } }
  return value.images.map(image => image.id)
}

/** The mask as it is exported: one number 0..255 a pixel. */
async function exportMask(page: Page): Promise<number[]> {
  await page.getByRole('button', { name: 'Mask', exact: true }).click()
  const download = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: 'Save the mask' }).click()
  const file = readFileSync(await (await download).path()).toString('base64')
  return (await pixelsOf(page, `data:image/png;base64,${file}`)).filter((_, i) => i % 4 === 0)
}

/** RGBA of a picture, decoded by the browser. */
function pixelsOf(page: Page, url: string): Promise<number[]> {
  return page.evaluate(async source => {
    const image = new Image()
    image.src = source
    await image.decode()
    const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight)
    const context = canvas.getContext('2d')
    if (context === null) throw new Error('no canvas')
    context.drawImage(image, 0, 0)
    return [...context.getImageData(0, 0, canvas.width, canvas.height).data]
  }, url)
}

async function inpaint(page: Page, prompt: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Prompt', exact: true }).fill(prompt)
  await page.getByRole('button', { name: /^Inpaint/ }).click()
  await expect(page.getByRole('button', { name: 'Keep', exact: true })).toBeVisible()
}

test('a painted stroke changes what it covers, and every other pixel of the saved file stays', async ({ page }) => {
  const before = await openOnCanvas(page)
  await stroke(page, [0.45, 0.5], [0.55, 0.5])
  const mask = await exportMask(page)
  const painted = mask.filter(value => value > 0).length
  expect(painted).toBeGreaterThan(1000)
  expect(painted).toBeLessThan(128 * 128 * 0.6)
  expect([mask[0], mask[64 * 128 + 64]]).toEqual([0, 255])

  await expect(page.getByText(/^Renders 128 × 128; [6-9]\d % of the picture/)).toBeVisible()
  await inpaint(page, 'a green frog')
  const [after] = await newestImages(page)
  expect(after).not.toBe(before)
  const [old, now] = [await pixelsOf(page, `/image/${before}`), await pixelsOf(page, `/image/${after}`)]
  const differs = mask.map((_, i) => [0, 1, 2].some(c => old[i * 4 + c] !== now[i * 4 + c]))
  expect(differs.filter((is, i) => is && mask[i] === 0)).toHaveLength(0)
  expect(differs.filter((is, i) => is && mask[i] === 255).length).toBeGreaterThan(painted * 0.5)
})

test('results are kept, taken back, discarded and tried again, and the mask comes back', async ({ page }) => {
  await openOnCanvas(page)
  await stroke(page, [0.45, 0.4], [0.55, 0.6])
  const mask = await exportMask(page)
  await inpaint(page, 'a green frog')

  await page.getByRole('button', { name: 'Discard' }).click()
  expect(await exportMask(page)).toEqual(mask)

  await inpaint(page, 'a green frog')
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByText('2 of 2')).toBeVisible()
  await surface(page).press('ArrowLeft')
  await expect(page.getByText('1 of 2')).toBeVisible()

  await page.getByRole('button', { name: 'Keep', exact: true }).click()
  expect((await exportMask(page)).every(value => value === 0)).toBe(true)
  await surface(page).press('Control+z')
  expect(await exportMask(page)).toEqual(mask)
})

test('undo and redo follow every gesture', async ({ page }) => {
  await openOnCanvas(page)
  await stroke(page, [0.4, 0.4], [0.6, 0.4])
  const first = await exportMask(page)
  await tool(page, 'Rectangle').click()
  await stroke(page, [0.45, 0.5], [0.55, 0.6])
  const second = await exportMask(page)
  expect(second).not.toEqual(first)
  await surface(page).press('Control+z')
  expect(await exportMask(page)).toEqual(first)
  await surface(page).press('Control+Shift+z')
  expect(await exportMask(page)).toEqual(second)
})

test('a mask can be made with the keyboard alone', async ({ page }) => {
  await openOnCanvas(page)
  await surface(page).focus()
  await page.keyboard.press('Enter')
  await page.keyboard.press('ArrowRight')
  await expect(page.getByText('Cursor at 88, 64')).toBeAttached()
  const mask = await exportMask(page)
  expect([mask[64 * 128 + 64], mask[5]]).toEqual([255, 0])
})

test('generating without a mask says what to do', async ({ page }) => {
  await openOnCanvas(page)
  await page.getByRole('button', { name: /^Inpaint/ }).click()
  await expect(page.getByText('Paint over what should change first.')).toBeVisible()
})

test('the tools do what their settings say, and the mask is shown in three ways', async ({ page }) => {
  await openOnCanvas(page)
  const number = (name: string) => page.getByRole('spinbutton', { name, exact: true })
  await number('Opacity %').fill('50')
  await number('Hardness %').fill('100')
  await number('Brush size').fill('20')
  await stroke(page, [0.5, 0.5], [0.5, 0.5])
  const mask = await exportMask(page)
  expect([mask[64 * 128 + 64], Math.max(...mask)]).toEqual([128, 128])
  expect(mask.filter(value => value > 0).length).toBeLessThan(22 * 22)

  const shots = new Set<string>()
  for (const look of ['Tint', 'Outline', 'Black and white']) {
    await page.getByRole('combobox', { name: 'How the mask is shown' }).selectOption({ label: look })
    await page.mouse.move(0, 0)
    shots.add((await surface(page).screenshot()).toString('base64'))
  }
  expect(shots.size).toBe(3)
  await tool(page, 'Magic wand').click()
  await expect(number('Tolerance')).toBeVisible()
  await expectClean(page, 'the canvas')
})

test('Ctrl+Enter inpaints wherever the focus is', async ({ page }) => {
  await openOnCanvas(page)
  await page.getByRole('button', { name: 'Canvas', exact: true }).focus()
  await page.keyboard.press('Control+Enter')
  await expect(page.getByText('Paint over what should change first.')).toBeVisible()
})
