/** The gallery as people use it: find, choose several, throw away, bring back, and delete for good. */
import { expect, test } from '@playwright/test'
import { expectClean } from './expect-clean.ts'
import { startFake, type EaselServer } from './easel-server.ts'
import { StudioPage } from './studio-page.ts'

let server: EaselServer

/** The pictures are made by the calls that the page would make: they are not what is tested here. */
test.beforeEach(async ({ request }) => {
  server = await startFake(1)
  for (const prompt of ['a fox in the snow', 'a cat in the snow', 'a castle at night']) {
    const reply = await request.post(`${server.url}/api/jobs.submit`, { data: { prompt, steps: 1 } })
    expect((await reply.json()) as object).toMatchObject({ ok: true })
  }
  await server.becomeIdle(request, 3)
})
test.afterEach(() => server.close())

test('pictures are found by words and favourites, and chosen, deleted and brought back with the keyboard', async ({
  page,
}) => {
  const studio = new StudioPage(page)
  await studio.open(`${server.url}/#gallery`, 'gallery')
  const cells = page.getByRole('button', { name: /^Open / })
  await expect(cells).toHaveCount(3)
  await page.getByRole('searchbox').fill('SNOW')
  await expect(cells).toHaveCount(2)
  await expectClean(page, 'a search')
  await page.getByRole('searchbox').fill('zebra')
  await expect(page.getByText('No picture fits')).toBeVisible()
  await page.getByRole('button', { name: 'Show all pictures' }).click()
  await expect(cells).toHaveCount(3)

  await cells.first().focus()
  await page.keyboard.press('f')
  await page.getByRole('button', { name: 'Favourites only' }).click()
  await expect(cells).toHaveCount(1)
  await page.getByRole('button', { name: 'Favourites only' }).click()
  await expect(cells).toHaveCount(3)

  await cells.first().focus()
  await page.keyboard.press('Space')
  await page.keyboard.press('Shift+ArrowRight')
  await expect(page.getByRole('toolbar', { name: '2 selected' })).toBeVisible()
  await expectClean(page, 'two chosen pictures')
  await page.keyboard.press('Delete')
  await expect(cells).toHaveCount(1)
  await expect(cells.first()).toBeFocused()
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(cells).toHaveCount(3)
})

test('the bin shows what was deleted: one comes back, the rest is deleted for good', async ({ page }) => {
  const studio = new StudioPage(page)
  await studio.open(`${server.url}/#gallery`, 'gallery')
  const cells = page.getByRole('button', { name: /^Open / })
  await expect(cells).toHaveCount(3)
  await page.keyboard.press('Control+a')
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await expect(page.getByText('No pictures yet')).toBeVisible()
  await page.getByRole('button', { name: 'Bin' }).click()
  await expect(page.getByRole('heading', { name: 'Bin', exact: true })).toBeVisible()
  await expect(cells).toHaveCount(3)
  await expectClean(page, 'the bin')
  await page.getByRole('checkbox', { name: 'Select a fox in the snow' }).click()
  await page.getByRole('button', { name: 'Bring back' }).click()
  await expect(cells).toHaveCount(2)
  await page.getByRole('button', { name: 'Delete all 2 pictures for good' }).click()
  await expect(page.getByText('The bin is empty')).toBeVisible()
  await page.getByRole('button', { name: 'Back to the gallery' }).click()
  await expect(cells).toHaveCount(1)
  await expect(page.getByRole('button', { name: 'Open a fox in the snow' })).toBeVisible()
})

test('a picture that is looked at large takes the keys, and deleting it shows its neighbour', async ({ page }) => {
  const studio = new StudioPage(page)
  await studio.open(`${server.url}/#gallery`, 'gallery')
  await page.getByRole('button', { name: 'Open a cat in the snow' }).click()
  const viewer = page.getByRole('dialog')
  await expect(viewer.getByRole('img', { name: 'a cat in the snow' })).toBeVisible()
  await page.keyboard.press('ArrowRight')
  await expect(viewer.getByRole('img', { name: 'a fox in the snow' })).toBeVisible()
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('f')
  await expect(viewer.getByRole('button', { name: 'No favourite any more' })).toBeVisible()
  await page.keyboard.press('Delete')
  await expect(viewer.getByRole('img', { name: 'a fox in the snow' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(viewer).toBeHidden()
  await expect(page.getByRole('button', { name: 'Open a fox in the snow' })).toBeFocused()
})

test('a picture of a very long prompt is in the middle, with everything that can be done with it', async ({
  page,
  request,
}) => {
  const prompt = 'a castle at night by the sea '.repeat(40).trim()
  await request.post(`${server.url}/api/jobs.submit`, { data: { prompt, steps: 1, width: 64, height: 64 } })
  const studio = new StudioPage(page)
  await studio.open(`${server.url}/#gallery`, 'gallery')
  await page.getByRole('button', { name: `Open ${prompt}` }).click()
  const viewer = page.getByRole('dialog')
  for (const control of [viewer.getByRole('img', { name: prompt }), viewer.getByRole('button', { name: 'Close' })]) {
    const place = await control.boundingBox()
    expect(place !== null && place.x >= 0 && place.x + place.width <= 1440).toBe(true)
  }
})

test('the file of a picture is named where the host cannot open its folder', async ({ page }) => {
  const studio = new StudioPage(page)
  await studio.open(`${server.url}/#gallery`, 'gallery')
  await page.getByRole('button', { name: 'Open a castle at night' }).click()
  await page.getByRole('button', { name: 'More' }).click()
  await page.getByRole('menuitem', { name: /Show the file/ }).click()
  await expect(page.getByRole('textbox', { name: 'File of the picture' })).toHaveValue(/images[/\\].*\.png$/)
  await expectClean(page, 'the place of a file')
})
