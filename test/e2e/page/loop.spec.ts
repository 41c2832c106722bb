/** The loop that needs no number: a grid of four, one picked, varied, made larger and wider. By mouse, and by keyboard alone. */
import { expect, test } from '@playwright/test'
import { expectClean } from './expect-clean.ts'
import { startFake, type EaselServer } from './easel-server.ts'
import { StudioPage } from './studio-page.ts'

let server: EaselServer

test.beforeAll(async () => {
  server = await startFake(5)
})
test.afterEach(({ request }) => server.becomeIdle(request))
test.afterAll(() => server.close())

test('four are drawn, one is picked, varied, made twice as large and zoomed out of', async ({ page }) => {
  const studio = new StudioPage(page)
  await studio.open(server.url)
  await studio.prompt.fill('a lighthouse')
  await page.getByRole('radio', { name: '4', exact: true }).click()
  await studio.generate.click()
  const cells = studio.stage.getByRole('button', { name: /a lighthouse, picture \d of 4/ })
  await expect(cells).toHaveCount(4)
  await cells.nth(1).click()
  await expect(studio.picture('a lighthouse')).toBeVisible()

  await page.getByRole('button', { name: 'Vary', exact: true }).click()
  await expectClean(page, 'the menu of variations')
  await page.getByRole('menuitem', { name: /A little/ }).click()
  await expect(studio.thumbnails()).toHaveCount(8)
  await expect(cells).toHaveCount(4)
  await page.getByText('4 of 4 pictures').waitFor()
  await expectClean(page, 'four variations side by side')
  await cells.first().click()
  await expect(page.getByRole('button', { name: 'All 4 pictures' })).toBeVisible()

  await page.getByRole('button', { name: 'Enlarge', exact: true }).click()
  await page.getByRole('menuitem', { name: /Twice the size/ }).click()
  await expect(page.getByText(/256 × 256/)).toBeVisible()
  await page.keyboard.press('ArrowLeft')
  await expect(page.getByText(/128 × 128/)).toBeVisible()
  await page.getByRole('button', { name: 'Enlarge', exact: true }).click()
  await page.getByRole('menuitem', { name: /Zoom out 2×/ }).click()
  await expect(studio.thumbnails()).toHaveCount(10)
  await expect(studio.prompt).toHaveValue('a lighthouse')
})

test('write, four, pick, vary, enlarge, compare, keep, delete, undo, find again: with the keyboard alone', async ({
  page,
}) => {
  const studio = new StudioPage(page)
  await studio.open(server.url)
  await page.keyboard.press('/')
  await page.keyboard.type('a windmill')
  await page.keyboard.press('Control+k')
  await expect(page.getByRole('dialog', { name: 'Commands' })).toBeVisible()
  await page.keyboard.type('swap width')
  await page.keyboard.press('Enter')
  await page.getByRole('radio', { name: '1', exact: true }).focus()
  // The group chooses what the arrow reaches only while the key is held, as a finger holds it.
  await page.keyboard.press('ArrowRight', { delay: 300 })
  await expect(page.getByRole('radio', { name: '4', exact: true })).toBeChecked()
  await page.keyboard.press('Control+Enter')
  const cells = studio.stage.getByRole('button', { name: /a windmill, picture \d of 4/ })
  await expect(cells).toHaveCount(4)
  await cells.first().focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowDown')
  await expect(cells.nth(3)).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(studio.picture('a windmill')).toBeVisible()
  await page.keyboard.press('Shift+V')
  await expect(studio.thumbnails()).toHaveCount(8)
  await expect(cells).toHaveCount(4)
  await cells.first().focus()
  await page.keyboard.press('Enter')
  await page.keyboard.press('u')
  await expect(page.getByText(/256 × 256/)).toBeVisible()
  await page.keyboard.press('Shift+C')
  await expect(page.getByRole('dialog', { name: 'Compare' })).toBeVisible()
  await page.keyboard.press('Escape')
  await page.keyboard.press('f')
  await expect(page.getByRole('button', { name: 'No favourite any more' })).toBeVisible()
  await page.keyboard.press('Delete')
  await expect(studio.thumbnails()).toHaveCount(8)
  await page.keyboard.press('Control+z')
  await expect(studio.thumbnails()).toHaveCount(9)

  await page.keyboard.press('g')
  await expect(page.getByRole('dialog', { name: 'Grid of settings' })).toBeVisible()
  await page.keyboard.press('Escape')
  await page.keyboard.press('2')
  await expect(page.getByRole('heading', { name: 'Gallery' })).toBeVisible()
  await page.getByRole('searchbox').focus()
  await page.keyboard.type('windmill')
  await expect(page.getByText('9 pictures', { exact: true })).toBeVisible()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Tab')
  await page.keyboard.press('1')
  await expect(studio.prompt).toHaveValue('a windmill')
})

test('pictures that arrive move nothing else on the page', async ({ page }) => {
  const studio = new StudioPage(page)
  await studio.open(server.url)
  await studio.prompt.fill('a castle') // words that the model does not know are answered with a line of their own
  await page.getByRole('radio', { name: '4', exact: true }).click()
  await page.evaluate(() => {
    const shifts: number[] = []
    Object.assign(window, { shifts })
    new PerformanceObserver(list => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number })[]) shifts.push(entry.value)
    }).observe({ type: 'layout-shift' })
  })
  await studio.generate.click()
  await expect(studio.stage.getByRole('button', { name: /a castle, picture \d of 4/ })).toHaveCount(4)
  await expect(page.getByText('Nothing is waiting.')).toBeVisible()
  // A line of text that says how far it is may be longer or shorter: thousandths. Anything else moved is more.
  const shifts = await page.evaluate(() => (window as unknown as { shifts: number[] }).shifts)
  expect(Math.max(0, ...shifts)).toBeLessThan(0.002)
})

test('the hints of the first minute lead through three steps, are ended with Escape and come no more', async ({
  page,
  request,
}) => {
  const fresh = await startFake(5)
  try {
    await page.goto(fresh.url)
    const tour = page.getByRole('region', { name: 'First hints' })
    await expect(tour).toContainText('Write what you want to see')
    await expectClean(page, 'the first hints')
    await tour.getByRole('button', { name: 'Next' }).click()
    await tour.getByRole('button', { name: 'Next' }).click()
    await expect(tour).toContainText('3 of 3')
    await page.keyboard.press('Escape')
    await expect(tour).toBeHidden()
    await page.reload()
    await expect(page.getByText('What would you like to see?')).toBeVisible()
    await expect(tour).toBeHidden()
    await page.keyboard.press('Control+k')
    await expect(page.getByRole('dialog', { name: 'Commands' })).toBeVisible()
    await page.keyboard.type('first hints')
    await page.keyboard.press('Enter')
    await expect(tour).toBeVisible()
    await fresh.becomeIdle(request)
  } finally {
    await fresh.close()
  }
})
