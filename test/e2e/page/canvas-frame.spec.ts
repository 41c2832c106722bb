/** The frame of the canvas with real pointer events and keys, and what is painted beyond the picture's edges. */
import { expect, test, type Page } from '@playwright/test'
import { exportMask, inpaint, newestPixels, openOnCanvas, pixelsOf, surface, undo } from './canvas-page.ts'
import { startReal, type EaselServer } from './easel-server.ts'

let server: EaselServer

test.beforeAll(async () => {
  server = await startReal()
})
test.afterAll(() => server.close())

test('the frame is drawn beyond the picture, the new border is painted, and keeping it can be undone', async ({
  page,
}) => {
  const before = await openOnCanvas(page, server.url)
  await page.getByRole('button', { name: /^Frame \(outpaint\)/ }).click()
  await page
    .getByRole('button', { name: 'px' })
    .or(page.getByRole('radio', { name: 'px' }))
    .click()
  await page.getByRole('spinbutton', { name: 'By how much' }).fill('64')
  await page.getByRole('button', { name: 'Extend to the right' }).click()
  await expect(page.getByRole('spinbutton', { name: 'Width of the frame' })).toHaveValue('192')
  await expect(page.getByText(/^Renders .*; 5\d % of the picture/)).toBeVisible()
  await inpaint(page, 'a beach')
  const [old, now] = [await pixelsOf(page, `/image/${before}`), await newestPixels(page)]
  expect(now).toHaveLength(192 * 128 * 4)
  const kept = Array.from({ length: 112 }, (_, x) => now.slice((64 * 192 + x) * 4, (64 * 192 + x) * 4 + 3))
  expect(kept).toEqual(Array.from({ length: 112 }, (_, x) => old.slice((64 * 128 + x) * 4, (64 * 128 + x) * 4 + 3)))
  await page.getByRole('button', { name: 'Keep', exact: true }).click()
  await expect(page.getByRole('spinbutton', { name: 'Width of the frame' })).toHaveValue('192')
  expect(await exportMask(page)).toHaveLength(192 * 128)
  await undo(page)
  expect(await exportMask(page)).toHaveLength(128 * 128)
  await expect(page.getByRole('spinbutton', { name: 'Width of the frame' })).toHaveValue('192')
  await undo(page)
  await expect(page.getByRole('spinbutton', { name: 'Width of the frame' })).toHaveValue('128')
})

test('the frame is moved and resized by the arrow keys in steps to a size that the model can render', async ({
  page,
}) => {
  await openOnCanvas(page, server.url)
  await page.getByRole('button', { name: /^Frame \(outpaint\)/ }).click()
  await surface(page).press('f')
  await surface(page).press('ArrowRight') // by one multiple of the model
  await expect(page.getByRole('spinbutton', { name: 'Left of the frame' })).toHaveValue('32')
  await surface(page).press('Shift+ArrowLeft')
  await expect(page.getByRole('spinbutton', { name: 'Width of the frame' })).toHaveValue('96')
  await undo(page)
  await expect(page.getByRole('spinbutton', { name: 'Width of the frame' })).toHaveValue('128')
})

/** Picture pixels are twice as large on the screen, but for what repeated steps of a quarter leave: 1.25 ** 3. */
const SCALE = 1.25 ** 3

const frameField = (page: Page, name: string) => page.getByRole('spinbutton', { name: `${name} of the frame` })

/** The frame tool, at a known scale and with room on all sides. */
async function holdFrame(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Frame \(outpaint\)/ }).click()
  for (const key of ['f', '1', '+', '+', '+']) await surface(page).press(key)
}

/** From the middle of the stage in a direction, until the pointer says that it would do this. */
async function findGrip(page: Page, [dx, dy]: [number, number], cursor: string): Promise<{ x: number; y: number }> {
  const box = await surface(page).boundingBox()
  if (box === null) throw new Error('The canvas is not on the page.')
  for (let i = 0; i < 200; i++) {
    const at = { x: box.x + box.width / 2 + dx * i * 4, y: box.y + box.height / 2 + dy * i * 4 }
    await page.mouse.move(at.x, at.y)
    if ((await surface(page).evaluate(element => element.style.cursor)) === cursor) return at
  }
  throw new Error(`Nowhere does the pointer say ${cursor}.`)
}

/** Where two edges meet; the pointer has to say that it takes both. */
async function findCorner(page: Page, [dx, dy]: [number, number], cursor: string): Promise<{ x: number; y: number }> {
  const { x } = await findGrip(page, [dx, 0], 'ew-resize')
  const { y } = await findGrip(page, [0, dy], 'ns-resize')
  await page.mouse.move(x, y)
  expect(await surface(page).evaluate(element => element.style.cursor)).toBe(cursor)
  return { x, y }
}

async function dragFrom(page: Page, { x, y }: { x: number; y: number }, by: [number, number]): Promise<void> {
  await page.mouse.move(x, y)
  await page.mouse.down()
  await page.mouse.move(x + by[0] * SCALE, y + by[1] * SCALE, { steps: 10 })
  await page.mouse.up()
}

test('the frame is dragged by its edges beyond the picture, each drag one step', async ({ page }) => {
  await openOnCanvas(page, server.url)
  await holdFrame(page)
  await dragFrom(page, await findGrip(page, [1, 0], 'ew-resize'), [60, 0])
  await expect(frameField(page, 'Width')).toHaveValue('192') // the nearest multiple of the model's 32
  await dragFrom(page, await findGrip(page, [0, -1], 'ns-resize'), [0, -35])
  await expect(frameField(page, 'Top')).toHaveValue('-32')
  await dragFrom(page, await findGrip(page, [-1, 0], 'ew-resize'), [-66, 0])
  await expect(frameField(page, 'Left')).toHaveValue('-64')
  await expect(frameField(page, 'Width')).toHaveValue('256')
  for (const width of ['192', '192', '128']) {
    await undo(page)
    await expect(frameField(page, 'Width')).toHaveValue(width)
  }
})

test('a corner of the frame is dragged: both its sides follow, the opposite corner stays, and it is one step', async ({
  page,
}) => {
  test.slow() // four searches by hand
  await openOnCanvas(page, server.url)
  await holdFrame(page)
  await dragFrom(page, await findCorner(page, [1, 1], 'nwse-resize'), [30, 68])
  const expectFrame = async (frame: Record<string, number>) => {
    for (const [name, value] of Object.entries(frame)) await expect(frameField(page, name)).toHaveValue(String(value))
  }
  await expectFrame({ Left: 0, Top: 0, Width: 160, Height: 192 })
  await undo(page)
  await expectFrame({ Left: 0, Top: 0, Width: 128, Height: 128 })
  await dragFrom(page, await findCorner(page, [1, -1], 'nesw-resize'), [66, -31])
  await expectFrame({ Left: 0, Top: -32, Width: 192, Height: 160 })
  await undo(page)
  await expectFrame({ Left: 0, Top: 0, Width: 128, Height: 128 })
})

test('the frame is moved by its inside, snaps to the edges of the picture, and with Alt to nothing', async ({
  page,
}) => {
  await openOnCanvas(page, server.url)
  await holdFrame(page)
  const inside = await findGrip(page, [1, 0], 'move')
  await dragFrom(page, inside, [70, 0])
  await expect(frameField(page, 'Left')).toHaveValue('70')
  await expect(frameField(page, 'Width')).toHaveValue('128')
  await undo(page)
  await dragFrom(page, inside, [0, 2])
  await expect(frameField(page, 'Top')).toHaveValue('0')
  await page.keyboard.down('Alt')
  await dragFrom(page, inside, [0, 2])
  await page.keyboard.up('Alt')
  await expect(frameField(page, 'Top')).toHaveValue('2')
})

test('a border that was dragged out by hand is painted, and the picture inside keeps every byte', async ({ page }) => {
  const before = await openOnCanvas(page, server.url)
  await holdFrame(page)
  await dragFrom(page, await findGrip(page, [0, 1], 'ns-resize'), [0, 64])
  await expect(frameField(page, 'Height')).toHaveValue('192')
  await inpaint(page, 'a beach')
  const [old, now] = [await pixelsOf(page, `/image/${before}`), await newestPixels(page)]
  expect(now).toHaveLength(128 * 192 * 4)
  expect(now.slice(0, 112 * 128 * 4)).toEqual(old.slice(0, 112 * 128 * 4)) // all but the overlap of 16
  expect(now.slice(128 * 128 * 4)).not.toEqual(old.slice(0, 64 * 128 * 4))
})
