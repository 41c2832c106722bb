/** The canvas with real strokes, the real engine and the starter model: only what was painted over changes. */
import { readFileSync } from 'node:fs'
import { expect, test } from '@playwright/test'
import {
  exportMask,
  exportMaskOf,
  inpaint,
  newestImages,
  newestPixels,
  openOnCanvas,
  pixelsOf,
  shotOf,
  stroke,
  surface,
  tool,
  undo,
} from './canvas-page.ts'
import { startReal, type EaselServer } from './easel-server.ts'
import { expectClean } from './expect-clean.ts'

let server: EaselServer

test.beforeAll(async () => {
  server = await startReal()
})
test.afterAll(() => server.close())

test('a painted stroke changes what it covers, and every other pixel of the saved file stays', async ({ page }) => {
  const before = await openOnCanvas(page, server.url)
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
  await openOnCanvas(page, server.url)
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
  await openOnCanvas(page, server.url)
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
  await openOnCanvas(page, server.url)
  await surface(page).focus()
  await page.keyboard.press('Enter')
  await page.keyboard.press('ArrowRight')
  await expect(page.getByText('Cursor at 88, 64')).toBeAttached()
  const mask = await exportMask(page)
  expect([mask[64 * 128 + 64], mask[5]]).toEqual([255, 0])
})

test('generating without a mask says what to do', async ({ page }) => {
  await openOnCanvas(page, server.url)
  await page.getByRole('button', { name: /^Inpaint/ }).click()
  await expect(page.getByText('Paint over what should change first.')).toBeVisible()
})

test('the tools do what their settings say, and the mask is shown in three ways', async ({ page }) => {
  await openOnCanvas(page, server.url)
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
  await openOnCanvas(page, server.url)
  await page.getByRole('button', { name: 'Canvas', exact: true }).focus()
  await page.keyboard.press('Control+Enter')
  await expect(page.getByText('Paint over what should change first.')).toBeVisible()
})

test('strokes of colour become part of the picture, and nothing else outside the mask changes', async ({ page }) => {
  const before = await openOnCanvas(page, server.url)
  await page.getByRole('radio', { name: 'Sketch' }).click()
  await page.getByLabel('Colour', { exact: true }).fill('#00ff00')
  await page.getByRole('spinbutton', { name: 'Hardness %' }).fill('100')
  await page.getByRole('spinbutton', { name: 'Brush size' }).fill('10')
  await stroke(page, [0.47, 0.3], [0.53, 0.3])
  await page.getByRole('radio', { name: 'Mask' }).click()
  await stroke(page, [0.5, 0.6], [0.5, 0.6])
  const mask = await exportMask(page)
  await inpaint(page, 'a green frog')
  const [old, now] = [await pixelsOf(page, `/image/${before}`), await newestPixels(page)]
  const outside = mask.flatMap((value, i) => (value === 0 ? [i] : []))
  const changed = outside.filter(i => [0, 1, 2].some(c => old[i * 4 + c] !== now[i * 4 + c]))
  const green = changed.filter(i => now[i * 4] === 0 && now[i * 4 + 1] === 255 && now[i * 4 + 2] === 0)
  expect(green.length).toBeGreaterThan(60)
  expect(changed.length - green.length).toBeLessThan(green.length) // the soft rim of the stroke
  const rows = changed.map(i => Math.floor(i / 128))
  expect(Math.max(...rows) - Math.min(...rows)).toBeLessThan(14)
})

test('a sketch without a mask changes the whole picture at its own size', async ({ page }) => {
  await openOnCanvas(page, server.url)
  await surface(page).press('s')
  await stroke(page, [0.45, 0.4], [0.55, 0.5])
  await expect(page.getByText(/^Renders 128 × 128; 0 % of the picture/)).toBeVisible()
  await inpaint(page, 'a red apple')
  expect(await newestPixels(page)).toHaveLength(128 * 128 * 4)
  await page.getByRole('button', { name: 'Discard' }).click()
  await undo(page)
  await page.getByRole('button', { name: /^Inpaint/ }).click()
  await expect(page.getByText('Paint over what should change first.')).toBeVisible()
})

test('cells of a grid are masked with the arrow keys, and what they are is announced', async ({ page }) => {
  await openOnCanvas(page, server.url)
  await surface(page).press('g')
  await surface(page).press('ArrowLeft')
  await expect(page.getByText('Column 4 of 8, row 5 of 8: not masked')).toBeAttached()
  await surface(page).press('Enter')
  await expect(page.getByText('Column 4 of 8, row 5 of 8: masked')).toBeAttached()
  const mask = await exportMask(page)
  expect(mask.filter(value => value === 255)).toHaveLength(16 * 16)
  expect([mask[64 * 128 + 48], mask[79 * 128 + 63], mask[64 * 128 + 64]]).toEqual([255, 255, 0])
})

test('two fingers pan and zoom, and leave no stroke', async ({ page }) => {
  await openOnCanvas(page, server.url)
  const box = await surface(page).boundingBox()
  if (box === null) throw new Error('The canvas is not on the page.')
  const empty = (await surface(page).screenshot()).toString('base64')
  const cdp = await page.context().newCDPSession(page)
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', points: [number, number][]) =>
    cdp.send('Input.dispatchTouchEvent', {
      type,
      touchPoints: points.map(([x, y], id) => ({ x: box.x + box.width * x, y: box.y + box.height * y, id })),
    })
  await touch('touchStart', [[0.4, 0.4]])
  await touch('touchStart', [
    [0.4, 0.4],
    [0.6, 0.4],
  ])
  await touch('touchMove', [
    [0.3, 0.4],
    [0.7, 0.4],
  ])
  await touch('touchEnd', [])
  await expect.poll(async () => (await surface(page).screenshot()).toString('base64')).not.toBe(empty)
  expect((await exportMask(page)).every(value => value === 0)).toBe(true)
})

test('an edit is saved as a file and opened again, and a damaged file is refused in words', async ({ page }) => {
  await openOnCanvas(page, server.url)
  await stroke(page, [0.45, 0.4], [0.55, 0.5])
  await surface(page).press('s')
  await stroke(page, [0.45, 0.6], [0.55, 0.6])
  const mask = await exportMaskOf(page)
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save this edit as a file' }).click()
  const file = readFileSync(await (await download).path())

  await page.getByRole('button', { name: 'Close the picture' }).click()
  const opening = page.getByLabel('Open a picture …')
  const damaged = Buffer.from(file)
  damaged.fill(0, 200, 400)
  await opening.setInputFiles({ name: 'broken.easel', mimeType: '', buffer: damaged })
  await expect(page.getByText(/This is no edit that can be opened/)).toBeVisible()
  await opening.setInputFiles({ name: 'mine.easel', mimeType: '', buffer: file })
  await expect(surface(page)).toBeVisible()
  expect(await exportMaskOf(page)).toEqual(mask)
  await page.getByRole('textbox', { name: 'Prompt', exact: true }).fill('a frog')
  await inpaint(page, 'a green frog')
})

test('the results of an edit that was opened from a file are there again after a reload', async ({ page }) => {
  await openOnCanvas(page, server.url)
  await stroke(page, [0.45, 0.4], [0.55, 0.5])
  await inpaint(page, 'a green frog')
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save this edit as a file' }).click()
  const file = readFileSync(await (await download).path())
  await page.getByRole('button', { name: 'Close the picture' }).click()
  await page.getByLabel('Open a picture …').setInputFiles({ name: 'mine.easel', mimeType: '', buffer: file })
  await expect(page.getByText('– of 1')).toBeVisible()
  await stroke(page, [0.45, 0.6], [0.55, 0.6])
  const mask = await exportMask(page)
  await page.waitForTimeout(1500) // it is stored a moment after the stroke
  await page.reload()
  await expect(page.getByText('– of 1')).toBeVisible()
  expect(await exportMask(page)).toEqual(mask)
  await page.getByRole('button', { name: 'Show the result' }).click()
  await expect(page.getByRole('button', { name: 'Keep', exact: true })).toBeVisible()
})

test('mask, strokes and what can be undone survive a crash of the page and of the server', async ({
  page,
  context,
}) => {
  test.slow() // two starts of a server, and a start of a page over each
  await openOnCanvas(page, server.url)
  await stroke(page, [0.45, 0.4], [0.55, 0.5])
  await surface(page).press('s')
  await stroke(page, [0.45, 0.6], [0.55, 0.6])
  const mask = await exportMaskOf(page)
  const drawn = await shotOf(page)
  await page.waitForTimeout(1500) // a stroke is stored a moment after it
  await server.kill()
  const cdp = await context.newCDPSession(page)
  const crashed = page.waitForEvent('crash')
  cdp.send('Page.crash').catch(() => undefined) // it does not live to answer
  await crashed
  await server.start()
  const again = await context.newPage()
  await again.goto(`${server.url}/#canvas`)
  await expect(surface(again)).toBeVisible()
  expect(await exportMaskOf(again)).toEqual(mask)
  await expect.poll(() => shotOf(again)).toBe(drawn)
  await undo(again)
  await undo(again)
  expect((await exportMaskOf(again)).every(value => value === 0)).toBe(true)
  await surface(again).press('Control+Shift+z')
  expect(await exportMaskOf(again)).toEqual(mask)
})
