/** One window that is led through every view, in every theme and size; then the same in German, and on a phone. */
import path from 'node:path'
import type { Browser, BrowserContextOptions, Page } from '@playwright/test'
import { draw, drawGrid, VIEWS } from './views.ts'

const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 700 },
]
const PHONE = { width: 390, height: 844 }
const THEMES = ['dark', 'light'] as const
const OTHERS = ['a fox in the snow', 'a castle on the grass', 'a boat at sunset', 'a robot in space']
const SEED = '7'
/** The machine may be busy with something else; a picture that is late is better than none. */
const PATIENCE_MS = 240_000
/** For the last picture to be decoded and painted. */
const SETTLE_MS = 400

export async function photographAll(browser: Browser, url: string, folder: string): Promise<void> {
  const take = async (page: Page, name: string, theme: string): Promise<void> => {
    // Neither a tooltip nor a focus ring is part of the view.
    await page.mouse.move(0, 0)
    await page.evaluate('document.activeElement?.blur()')
    await page.waitForTimeout(SETTLE_MS)
    const { width = 0 } = page.viewportSize() ?? {}
    await page.screenshot({ path: path.join(folder, `${name}-${theme}-${width}.png`), animations: 'disabled' })
  }
  const inEveryLook = async (page: Page, shoot: (theme: string) => Promise<void>): Promise<void> => {
    for (const theme of THEMES) {
      await page.emulateMedia({ colorScheme: theme })
      for (const size of SIZES) {
        await page.setViewportSize(size)
        await shoot(theme)
      }
    }
  }

  const page = await openPage(browser, url, { locale: 'en-US' })
  await inEveryLook(page, theme => take(page, 'empty', theme))
  await fillStudio(page)
  for (const { name, open, close } of VIEWS) {
    await inEveryLook(page, async theme => {
      await open(page)
      await take(page, name, theme)
      await close(page)
    })
  }
  await page.context().close()

  const german = await openPage(browser, url, { locale: 'de-DE' })
  for (const view of ['', 'gallery', 'canvas', 'settings'] as const) {
    await goTo(german, view)
    await inEveryLook(german, theme => take(german, `german-${view === '' ? 'studio' : view}`, theme))
  }
  await german.context().close()

  for (const locale of ['en-US', 'de-DE'] as const) {
    const phone = await openPage(browser, url, {
      ...{ locale, viewport: PHONE, hasTouch: true, isMobile: true },
      colorScheme: 'dark',
    })
    for (const view of ['', 'gallery', 'canvas', 'settings'] as const) {
      await goTo(phone, view)
      await take(phone, `phone-${locale.slice(0, 2)}-${view === '' ? 'studio' : view}`, 'dark')
    }
    await phone.context().close()
  }
}

async function fillStudio(page: Page): Promise<void> {
  for (const prompt of OTHERS) await draw(page, prompt)
  await page.getByRole('textbox', { name: 'Seed' }).fill(SEED)
  await draw(page, 'a red apple on a blue background')
  await drawGrid(page)
  await page.getByRole('radio', { name: '4', exact: true }).click()
  await draw(page, 'a penguin and a cake in a room', 4)
}

async function goTo(page: Page, view: string): Promise<void> {
  await page.evaluate(name => {
    location.hash = name
  }, view)
  await page.waitForTimeout(SETTLE_MS)
}

/** As somebody who has seen the hints of the first minute, with every setting in sight. */
async function openPage(browser: Browser, url: string, options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options })
  context.setDefaultTimeout(PATIENCE_MS)
  await context.addInitScript(() => {
    localStorage.setItem('easel.tour', 'ended')
    localStorage.setItem('easel.form-mode', 'everything')
  })
  const page = await context.newPage()
  await page.goto(url)
  await page.getByRole('textbox').first().waitFor()
  return page
}
