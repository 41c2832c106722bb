/** For people who use no mouse, or hear the page: axe on every view in both themes, and the whole loop by keyboard. */
import { expect, test, type Page } from '@playwright/test'
import { expectClean } from './expect-clean.ts'
import { startFake, type EaselServer } from './easel-server.ts'
import { StudioPage } from './studio-page.ts'

let server: EaselServer

test.describe('accessibility', () => {
  test.beforeAll(async () => {
    server = await startFake(15)
  })
  test.afterAll(() => server.close())

  for (const scheme of ['dark', 'light'] as const) {
    // The themes differ in nothing but colours.
    const rules = scheme === 'light' ? ['color-contrast'] : []
    test(`axe finds nothing wrong on any view in the ${scheme} theme`, async ({ page }) => {
      test.setTimeout(90_000)
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
      const studio = new StudioPage(page)
      await studio.open(server.url)
      await expectClean(page, 'the empty studio', rules)

      await studio.prompt.fill('a frog and a snowbord')
      await page.getByRole('button', { name: /^Sampler/ }).click()
      await page.getByRole('button', { name: /^Variation/ }).click()
      await page.getByRole('radio', { name: '4', exact: true }).click()
      await studio.setSteps(60)
      await studio.generate.click()
      await expect(studio.thumbnails()).toHaveCount(2)
      await expectClean(page, 'the busy studio', rules)

      await studio.thumbnails().first().click()
      await studio.number('Steps').fill('0')
      await expectClean(page, 'a picture on the stage and an error at a field', rules)
      await page.getByRole('tab', { name: 'History' }).click()
      await expectClean(page, 'the history', rules)
      await page.getByRole('button', { name: 'History', exact: true }).click()
      await expect(page.getByRole('dialog')).toBeVisible()
      await expectClean(page, 'the earlier prompts', rules)
      await page.keyboard.press('Escape')
      await page.keyboard.press('Control+k')
      await expect(page.getByRole('dialog')).toBeVisible()
      await expectClean(page, 'the command palette', rules)
      await page.keyboard.press('Escape')
      await studio.stage.click({ position: { x: 5, y: 5 } })
      await page.keyboard.press('?')
      await expect(page.getByRole('dialog')).toBeVisible()
      await expectClean(page, 'the shortcut sheet', rules)
      await page.keyboard.press('Escape')

      await page.getByRole('button', { name: 'Gallery' }).click()
      await page
        .getByRole('button', { name: /^Open a frog/ })
        .first()
        .hover()
      await expectClean(page, 'the gallery', rules)
      await page
        .getByRole('button', { name: /^Open a frog/ })
        .first()
        .click()
      await expect(page.getByRole('dialog')).toBeVisible()
      await expectClean(page, 'a picture of the gallery', rules)
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: 'Settings', exact: true }).click()
      await expect(page.getByRole('heading', { name: 'About' })).toBeVisible()
      await expectClean(page, 'the settings', rules)
    })
  }

  test('axe finds nothing wrong in a narrow window', async ({ page }) => {
    await page.setViewportSize({ width: 400, height: 800 })
    const studio = new StudioPage(page)
    await studio.open(server.url)
    await expectClean(page, 'the narrow studio')
    await page.getByRole('button', { name: 'Picture settings' }).click()
    await expect(page.getByRole('dialog')).toBeVisible()
    await expectClean(page, 'the sheet')
  })

  test('write, draw, look, keep, vary, delete and undo: all by keyboard', async ({ page }) => {
    const studio = new StudioPage(page)
    await studio.open(server.url)
    await page.keyboard.press('/')
    await expect(studio.prompt).toBeFocused()
    await page.keyboard.type('a penguin')
    await tabTo(page, 'Steps', 'spinbutton')
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.type('4')
    await page.keyboard.press('ArrowUp')
    await expect(studio.number('Steps')).toHaveValue('5')
    await page.keyboard.press('Control+Enter')
    await expect(studio.picture('a penguin')).toBeVisible()
    await page.keyboard.press('Control+Enter')
    await expect(studio.thumbnails()).toHaveCount(2)

    await tabTo(page, 'a penguin', 'button')
    await page.keyboard.press('ArrowLeft')
    await expect(studio.thumbnails().first()).toBeFocused()
    await page.keyboard.press('f')
    await expect(page.getByRole('button', { name: 'No favourite any more' })).toBeVisible()
    await page.keyboard.press('v')
    await expect(studio.thumbnails()).toHaveCount(6)
    await expect(page.getByText('Nothing is waiting.')).toBeVisible()
    await studio.thumbnails().first().focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('Delete')
    await expect(studio.thumbnails()).toHaveCount(5)
    await page.keyboard.press('Control+z')
    await expect(studio.thumbnails()).toHaveCount(6)

    await page.keyboard.press('2')
    await expect(page.getByRole('heading', { name: 'Gallery' })).toBeVisible()
    await tabTo(page, 'Open a penguin', 'button')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('dialog')).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog')).toBeHidden()
    await page.keyboard.press('1')
    await expect(studio.prompt).toBeVisible()
  })
})

/** Tab until the control with that name has the focus, as somebody would. */
async function tabTo(page: Page, name: string, role: 'button' | 'spinbutton'): Promise<void> {
  const target = page.getByRole(role, { name, exact: true }).and(page.locator('[tabindex="0"], input')).first()
  for (let i = 0; i < 60; i += 1) {
    await page.keyboard.press('Tab')
    if (await target.evaluate(control => control === document.activeElement)) return
  }
  await expect(target).toBeFocused()
}
