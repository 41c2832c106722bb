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
  // axe looks at every element of a page, several times a test.
  test.beforeEach(() => test.setTimeout(240_000))

  for (const scheme of ['dark', 'light'] as const) {
    // The themes differ in nothing but colours.
    const rules = scheme === 'light' ? ['color-contrast'] : []
    test.describe(`in the ${scheme} theme`, () => {
      test.beforeEach(({ page }) => page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' }))

      test('axe finds nothing wrong in the studio: empty, busy, with a picture and an error, and its history', async ({
        page,
      }) => {
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
      })

      test('axe finds nothing wrong in what floats: menus, earlier prompts, commands, shortcuts, a grid', async ({
        page,
      }) => {
        const studio = new StudioPage(page)
        await studio.open(server.url)
        await studio.setSteps(1)
        await studio.prompt.fill('a frog')
        await studio.generate.click()
        await expect(studio.picture('a frog')).toBeVisible()
        for (const name of ['Vary', 'Enlarge', 'Reuse', 'More']) {
          await page.getByRole('button', { name, exact: true }).click()
          await expect(page.getByRole('menu')).toBeVisible()
          await expectClean(page, `the menu ${name}`, rules)
          await page.keyboard.press('Escape')
        }
        await page.getByRole('button', { name: 'History', exact: true }).click()
        await expect(page.getByRole('dialog')).toBeVisible()
        await expectClean(page, 'the earlier prompts', rules)
        await page.keyboard.press('Escape')
        await studio.stage.click({ position: { x: 5, y: 5 } })
        for (const [keys, what] of [
          ['Control+k', 'the command palette'],
          ['?', 'the shortcut sheet'],
          ['g', 'the grid of settings'],
        ] as const) {
          await page.keyboard.press(keys)
          await expect(page.getByRole('dialog')).toBeVisible()
          await expectClean(page, what, rules)
          await page.keyboard.press('Escape')
          await expect(page.getByRole('dialog')).toBeHidden()
        }
      })

      test('axe finds nothing wrong in the gallery, at a picture of it, and in the settings', async ({ page }) => {
        const studio = new StudioPage(page)
        await studio.open(server.url)
        await studio.setSteps(1)
        await studio.prompt.fill('a toad')
        await studio.generate.click()
        await expect(studio.picture('a toad')).toBeVisible()
        await page.getByRole('button', { name: 'Gallery' }).click()
        const cell = page.getByRole('button', { name: /^Open a toad/ }).first()
        await cell.hover()
        await expectClean(page, 'the gallery', rules)
        await cell.click()
        await expect(page.getByRole('dialog')).toBeVisible()
        await expectClean(page, 'a picture of the gallery', rules)
        await page.keyboard.press('Escape')
        await page.getByRole('button', { name: 'Settings', exact: true }).click()
        await expect(page.getByRole('heading', { name: 'About' })).toBeVisible()
        await expectClean(page, 'the settings', rules)
      })
    })
  }

  test.describe('on a phone', () => {
    test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })

    test('axe finds nothing wrong, and everything that is pressed is large enough for a finger', async ({ page }) => {
      const studio = new StudioPage(page)
      await studio.open(server.url)
      await expectClean(page, 'the narrow studio')
      await expectFingerSize(page, 'the narrow studio')
      await page.getByRole('button', { name: 'Picture settings' }).tap()
      await expect(page.getByRole('dialog')).toBeVisible()
      await expectClean(page, 'the sheet of settings')
      await expectFingerSize(page, 'the sheet of settings')
      await studio.setSteps(1)
      await page.getByRole('button', { name: 'Close' }).tap()
      await studio.prompt.fill('a newt')
      await studio.generate.tap()
      await expect(studio.picture('a newt')).toBeVisible()
      await expectClean(page, 'a picture on a phone')
      await expectFingerSize(page, 'a picture on a phone')
      await page.getByRole('button', { name: 'More', exact: true }).tap()
      await expectClean(page, 'a menu on a phone')
      await expectFingerSize(page, 'a menu on a phone')
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: 'Queue and history' }).tap()
      await page.getByRole('tab', { name: 'History' }).tap()
      await expectClean(page, 'the history on a phone')
      await expectFingerSize(page, 'the history on a phone')
      await page.getByRole('button', { name: 'Close' }).tap()
      await page.getByRole('button', { name: 'Gallery' }).tap()
      await page
        .getByRole('button', { name: /^Open a newt/ })
        .first()
        .waitFor()
      await expectClean(page, 'the gallery on a phone')
      await expectFingerSize(page, 'the gallery on a phone')
      await page.getByRole('button', { name: 'Settings', exact: true }).tap()
      await expect(page.getByRole('heading', { name: 'About' })).toBeVisible()
      await expectClean(page, 'the settings on a phone')
      await expectFingerSize(page, 'the settings on a phone')
    })
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
    await expect(page.getByRole('button', { name: 'Undo' })).toBeVisible()
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

/** Everything that can be pressed and is seen is at least 44 pixels wide or inside a label or row that is, and 44 high. */
async function expectFingerSize(page: Page, what: string): Promise<void> {
  const small = await page.evaluate(() => {
    const controls = document.querySelectorAll('button, select, input:not([type="range"]), summary, [role="menuitem"]')
    return [...controls]
      .filter(control => !control.closest('[aria-hidden="true"], .visually-hidden') && control.checkVisibility())
      .map(control => ({ control, box: control.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && (box.height < 43.5 || box.width < 43.5))
      .map(({ control, box }) => {
        const name = control.getAttribute('aria-label') ?? control.textContent
        return `${name.trim().slice(0, 40)} ${Math.round(box.width)}x${Math.round(box.height)}`
      })
  })
  expect(small, what).toEqual([])
}

/** Tab until the control with that name has the focus, as somebody would. */
async function tabTo(page: Page, name: string, role: 'button' | 'spinbutton'): Promise<void> {
  const target = page.getByRole(role, { name, exact: true }).and(page.locator('[tabindex="0"], input')).first()
  for (let i = 0; i < 60; i += 1) {
    await page.keyboard.press('Tab')
    if (await target.evaluate(control => control === document.activeElement)) return
  }
  await expect(target).toBeFocused()
}
