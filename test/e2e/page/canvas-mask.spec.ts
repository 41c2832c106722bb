/** Masks that come from a pen, a file, a picture's own transparency or a finger on a phone; and what is said of a picture. */
import { readFileSync } from 'node:fs'
import { expect, test, type Page } from '@playwright/test'
import { exportMask, inpaint, pixelsOf, stroke, surface, tool } from './canvas-page.ts'
import { startReal, type EaselServer } from './easel-server.ts'
import { expectClean } from './expect-clean.ts'

let server: EaselServer

test.beforeAll(async () => {
  server = await startReal()
})
test.afterAll(() => server.close())

/** Four squares of one colour each, 64 x 64 in all, with a palette of four. */
const PALETTE_PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAEAAAABAAgMAAADXB5lNAAAADFBMVEXIPCgoWsg8oDzw3Fq1E0OuAAAAH0lEQVR42mNkgIJQKM3EgAZGBUayAOOq0fQxKoBbAACS2AHTHuthXAAAAABJRU5ErkJggg=='

async function openFile(page: Page, buffer: Buffer): Promise<void> {
  await page.addInitScript(() => localStorage.setItem('easel.tour', 'ended'))
  await page.goto(`${server.url}/#canvas`)
  await page.getByLabel('Open a picture …').setInputFiles({ name: 'picture.png', mimeType: 'image/png', buffer })
  await expect(surface(page)).toBeVisible()
}

/** As the browser encodes it: `draw` is run there with the context of a canvas. */
async function drawnPng(page: Page, draw: string): Promise<Buffer> {
  const url = await page.evaluate(`(() => {
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = 64
    const context = canvas.getContext('2d')
    ${draw}
    return canvas.toDataURL('image/png')
  })()`)
  return Buffer.from(String(url).split(',')[1], 'base64')
}

test('a pen that is pressed harder paints a wider stroke', async ({ page }) => {
  await openFile(page, Buffer.from(PALETTE_PNG, 'base64'))
  await page.getByRole('spinbutton', { name: 'Brush size' }).fill('20')
  const box = await surface(page).boundingBox()
  if (box === null) throw new Error('The canvas is not on the page.')
  const cdp = await page.context().newCDPSession(page)
  const pen = (type: 'mousePressed' | 'mouseMoved' | 'mouseReleased', share: number, force: number) =>
    cdp.send('Input.dispatchMouseEvent', {
      ...{ type, force, button: 'left', buttons: type === 'mouseReleased' ? 0 : 1, clickCount: 1, pointerType: 'pen' },
      ...{ x: box.x + box.width / 2, y: box.y + box.height * share },
    })
  await pen('mousePressed', 0.25, 0.2)
  for (let i = 0; i <= 20; i++) await pen('mouseMoved', 0.25 + i / 50, 0.2 + (0.8 * i) / 20)
  await pen('mouseReleased', 0.65, 1)
  const mask = await exportMask(page)
  const rows = Array.from({ length: 64 }, (_, y) => mask.slice(y * 64, y * 64 + 64).filter(value => value > 127).length)
  const painted = rows.filter(width => width > 0)
  expect(painted.length).toBeGreaterThan(20)
  const mean = (widths: number[]): number => widths.reduce((sum, width) => sum + width, 0) / widths.length
  const [upper, lower] = [painted.slice(2, 8), painted.slice(-16, -10)].map(mean)
  expect(lower).toBeGreaterThan(2 * upper)
  expect(Math.max(...painted)).toBeLessThanOrEqual(21)
})

test('a stroke is painted on a page that another device has loaded over plain HTTP, where pens report less', async ({
  page,
}) => {
  await page.addInitScript(() => Reflect.deleteProperty(PointerEvent.prototype, 'getCoalescedEvents'))
  await openFile(page, Buffer.from(PALETTE_PNG, 'base64'))
  await page.getByRole('spinbutton', { name: 'Brush size' }).fill('12')
  await stroke(page, [0.45, 0.4], [0.55, 0.5])
  const painted = (await exportMask(page)).filter(value => value > 127).length
  expect(painted).toBeGreaterThan(12 * 12) // more than the dot of its beginning
})

test('a mask that was saved is the same when it is loaded again', async ({ page }) => {
  await openFile(page, Buffer.from(PALETTE_PNG, 'base64'))
  await page.getByRole('spinbutton', { name: 'Opacity %' }).fill('60')
  await page.getByRole('spinbutton', { name: 'Brush size' }).fill('12')
  await stroke(page, [0.45, 0.4], [0.55, 0.5])
  const menu = page.getByRole('button', { name: 'Mask', exact: true })
  await menu.click()
  const download = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: 'Save the mask' }).click()
  const file = readFileSync(await (await download).path())
  const saved = (await pixelsOf(page, `data:image/png;base64,${file.toString('base64')}`)).filter((_, i) => i % 4 === 0)
  expect(new Set(saved).size).toBeGreaterThan(2)
  await menu.click()
  await page.getByRole('menuitem', { name: 'Clear the mask' }).click()
  expect((await exportMask(page)).every(value => value === 0)).toBe(true)
  await menu.click()
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('menuitem', { name: 'Load a mask …' }).click()
  await (await chooser).setFiles({ name: 'mask.png', mimeType: 'image/png', buffer: file })
  await expect.poll(() => exportMask(page)).toEqual(saved)
})

test('what is transparent becomes the mask, and an opaque picture says that it is', async ({ page }) => {
  await page.goto(server.url)
  const holed = await drawnPng(page, "context.fillStyle = '#48c'; context.fillRect(0, 0, 64, 32)")
  await openFile(page, holed)
  const menu = page.getByRole('button', { name: 'Mask', exact: true })
  await menu.click()
  await page.getByRole('menuitem', { name: 'Mask what is transparent' }).click()
  const expected = Array.from({ length: 64 * 64 }, (_, i) => (i < 64 * 32 ? 0 : 255))
  await expect.poll(() => exportMask(page)).toEqual(expected)

  await page.locator('input[type=file]').setInputFiles({
    ...{ name: 'opaque.png', mimeType: 'image/png' },
    buffer: Buffer.from(PALETTE_PNG, 'base64'),
  })
  await expect.poll(async () => (await exportMask(page)).some(value => value > 0)).toBe(false)
  await menu.click()
  await page.getByRole('menuitem', { name: 'Mask what is transparent' }).click()
  await expect(page.getByText('This picture is opaque all over.')).toBeVisible()
})

test('the wand takes the connected colour, more of them with more tolerance, and Alt takes it away', async ({
  page,
}) => {
  await openFile(page, Buffer.from(PALETTE_PNG, 'base64'))
  await tool(page, 'Magic wand').click()
  const box = await surface(page).boundingBox()
  if (box === null) throw new Error('The canvas is not on the page.')
  const click = () => page.mouse.click(box.x + box.width * 0.45, box.y + box.height * 0.3)
  const masked = async () => (await exportMask(page)).filter(value => value === 255).length
  await click()
  expect(await masked()).toBe(32 * 32)
  await page.getByRole('spinbutton', { name: 'Tolerance' }).fill('255')
  await click()
  expect(await masked()).toBe(64 * 64)
  await page.getByRole('spinbutton', { name: 'Tolerance' }).fill('0')
  await page.keyboard.down('Alt')
  await click()
  await page.keyboard.up('Alt')
  expect(await masked()).toBe(64 * 64 - 32 * 32)
})

test('how a picture had to be converted is said at its result', async ({ page }) => {
  await openFile(page, Buffer.from(PALETTE_PNG, 'base64'))
  await page.getByRole('spinbutton', { name: 'Brush size' }).fill('20')
  await stroke(page, [0.5, 0.4], [0.5, 0.5])
  await inpaint(page, 'a red apple')
  await page.getByRole('button', { name: '1 notice' }).click()
  await expect(page.getByText(/has a palette and was converted to full colour/)).toBeVisible()
})

test('in a window that is narrow and low (a phone on its side, a page at 200 %) the picture keeps half of the height', async ({
  page,
}) => {
  await page.setViewportSize({ width: 720, height: 450 })
  await openFile(page, Buffer.from(PALETTE_PNG, 'base64'))
  const places = await Promise.all(
    [surface(page), page.getByRole('button', { name: /^Inpaint/ }), tool(page, 'Grid cells')].map(at =>
      at.boundingBox(),
    ),
  )
  for (const place of places) expect(place !== null && place.x + place.width <= 720 && place.y < 450).toBe(true)
  const [bars, canvas] = [await page.getByRole('group', { name: 'Settings of the tool' }).boundingBox(), places[0]]
  expect((bars?.y ?? 0) - (canvas?.y ?? 0)).toBeGreaterThan(225)
  await stroke(page, [0.45, 0.35], [0.55, 0.45])
  expect((await exportMask(page)).some(value => value > 0)).toBe(true)
})

test('on a phone the picture has the most of the screen, every tool is in reach, and the settings are a sheet', async ({
  page,
}) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await openFile(page, Buffer.from(PALETTE_PNG, 'base64'))
  const box = await surface(page).boundingBox()
  expect(box?.height).toBeGreaterThan(500)
  for (const name of ['Brush', 'Eraser', 'Grid cells', 'Undo', 'Redo']) {
    const place = await page.getByRole('toolbar', { name: 'Tools' }).getByRole('button', { name }).first().boundingBox()
    expect(place !== null && place.x >= 0 && place.x + place.width <= 390).toBe(true)
  }
  const slider = page.getByRole('slider', { name: 'Brush size' })
  const along = await slider.boundingBox()
  if (along === null) throw new Error('The slider is not on the page.')
  const middle = async () =>
    (await page.screenshot({ clip: { x: 120, y: 200, width: 150, height: 200 } })).toString('base64')
  await page.mouse.move(along.x + along.width * 0.3, along.y + along.height / 2)
  const withoutBrush = await middle()
  await page.mouse.down()
  await page.mouse.up()
  await expect(page.getByRole('spinbutton', { name: 'Brush size' })).toHaveValue(/^[5-9]$|^1[0-9]$/)
  expect(await middle()).not.toBe(withoutBrush) // it is shown as large as it is now
  await slider.press('End')
  await expect(page.getByRole('spinbutton', { name: 'Brush size' })).toHaveValue('1024')
  await page.getByRole('spinbutton', { name: 'Brush size' }).fill('20')
  await stroke(page, [0.4, 0.35], [0.6, 0.4])
  expect((await exportMask(page)).some(value => value > 0)).toBe(true)
  await expectClean(page, 'the canvas on a phone')
  await page.getByRole('button', { name: 'Picture settings' }).click()
  const sheet = page.getByRole('dialog')
  await sheet.getByText('Frame (outpaint)').click()
  await sheet.getByRole('button', { name: 'Zoom out 2×' }).click()
  await page.keyboard.press('Escape')
  await expect(page.getByText(/^Renders .*; 1?\d % of the picture/)).toBeVisible()
})
