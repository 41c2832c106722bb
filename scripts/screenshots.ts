/**
 * `npm run screenshots`: the app's views as pictures, with what the real engine makes of the starter's examples:
 * 1440x900 and 1024x700, dark and light, in dist/screenshots for looking at. Those that the README shows are renewed in
 * renderer/screenshots. `npm run screenshots -- <folder>` puts all of them elsewhere and renews nothing.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { chromium, type Browser, type Page } from '@playwright/test'
import { ROOT } from './bootstrap/root.mjs'
import { chromiumArguments, findChromium } from './machine/chromium.ts'

const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 700 },
]
const THEMES = ['dark', 'light'] as const
type Theme = (typeof THEMES)[number]
const PROMPT = 'a red apple on a blue background'
const OTHERS = ['a fox in the snow', 'a castle on the grass', 'a boat at sunset', 'a robot in space']
const SEED = '7'
/** For the last picture to be decoded and painted. */
const SETTLE_MS = 400

/** The pictures of the README. */
const SHOWN = ['studio-dark-1440.png', 'four-light-1440.png']

const [elsewhere] = process.argv.slice(2)
const folder = path.resolve(elsewhere ?? path.join(ROOT, 'dist/screenshots'))
const home = mkdtempSync(path.join(tmpdir(), 'easel-screenshots-'))
const found = findChromium()
if (found.path === null) throw new Error(`No pictures without a browser: ${found.reason}`)
mkdirSync(folder, { recursive: true })

const server = spawn(process.execPath, ['main/hosts/cli/main.ts', 'serve', '--port', '0'], {
  cwd: ROOT,
  env: { ...process.env, EASEL_HOME: home },
  stdio: ['ignore', 'pipe', 'inherit'],
})
try {
  const [line] = (await once(server.stdout, 'data')) as [Buffer]
  const url = /http:\S+/.exec(line.toString())?.[0]
  if (url === undefined) throw new Error(`The server said no address: ${line.toString()}`)
  const browser = await chromium.launch({ executablePath: found.path, args: chromiumArguments() })
  await photographEmpty(browser, url)
  for (const theme of THEMES) for (const size of SIZES) await photographWork(browser, url, theme, size)
  await browser.close()
  if (elsewhere === undefined) renewShown()
} finally {
  server.kill()
  await once(server, 'exit')
  rmSync(home, { recursive: true, force: true, maxRetries: 5 })
}

function renewShown(): void {
  const shown = path.join(ROOT, 'renderer/screenshots')
  mkdirSync(shown, { recursive: true })
  for (const file of SHOWN) copyFileSync(path.join(folder, file), path.join(shown, file))
}

async function photographEmpty(browser: Browser, url: string): Promise<void> {
  for (const theme of THEMES) {
    for (const size of SIZES) {
      const page = await openPage(browser, url, theme, size)
      await page.getByText('What would you like to see?').waitFor()
      await take(page, 'empty', theme, size)
      await page.context().close()
    }
  }
}

async function photographWork(
  browser: Browser,
  url: string,
  theme: Theme,
  size: (typeof SIZES)[number],
): Promise<void> {
  const page = await openPage(browser, url, theme, size)
  for (const prompt of OTHERS) await draw(page, prompt)
  await page.getByRole('textbox', { name: 'Seed' }).fill(SEED)
  await draw(page, PROMPT)
  await take(page, 'studio', theme, size)

  await page.getByRole('radio', { name: '4', exact: true }).click()
  await draw(page, 'a penguin and a cake in a room', 4)
  await take(page, 'four', theme, size)
  await page.keyboard.press('2')
  await page
    .getByRole('button', { name: /^Open / })
    .first()
    .waitFor()
  await take(page, 'gallery', theme, size)
  await page.keyboard.press('3')
  await page.getByRole('heading', { name: 'About' }).waitFor()
  await take(page, 'settings', theme, size)
  await page.context().close()
}

async function openPage(browser: Browser, url: string, theme: Theme, viewport: (typeof SIZES)[number]): Promise<Page> {
  const context = await browser.newContext({ viewport, colorScheme: theme, locale: 'en-US', reducedMotion: 'reduce' })
  const page = await context.newPage()
  await page.addInitScript(() => localStorage.setItem('easel.form-mode', 'everything'))
  await page.goto(url)
  await page.getByRole('textbox', { name: 'Prompt', exact: true }).waitFor()
  return page
}

/** Waits until every picture of the prompt has come. */
async function draw(page: Page, prompt: string, images = 1): Promise<void> {
  const thumbnails = page.getByRole('list', { name: 'Pictures of this session' }).getByRole('button', { name: prompt })
  const before = await thumbnails.count()
  await page.getByRole('textbox', { name: 'Prompt', exact: true }).fill(prompt)
  await page.keyboard.press('Control+Enter')
  await thumbnails.nth(before + images - 1).waitFor({ timeout: 120_000 })
  await page.getByRole('button', { name: 'Cancel', exact: true }).waitFor({ state: 'hidden' })
}

async function take(page: Page, name: string, theme: Theme, { width }: { width: number }): Promise<void> {
  // Neither a tooltip nor a focus ring is part of the view.
  await page.mouse.move(0, 0)
  await page.evaluate('document.activeElement?.blur()')
  await page.waitForTimeout(SETTLE_MS)
  await page.screenshot({ path: path.join(folder, `${name}-${theme}-${width}.png`), animations: 'disabled' })
}
