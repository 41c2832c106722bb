/** The real Electron app: its window, its bridge and its locks. Runs wherever Electron's binary is and can open a window. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { _electron, expect, test, type ElectronApplication, type Page } from '@playwright/test'
import { bundleApp } from '../../../scripts/bundle.ts'
import { findElectron, whyNoWindow } from '../../../scripts/machine/electron-binary.ts'
import type { Bridge } from '#contract/api'

declare global {
  interface Window {
    api?: Bridge
  }
}

const ROOT = path.resolve(import.meta.dirname, '../../..')
const electron = findElectron(ROOT)
const obstacle = electron.path === null ? electron.reason : whyNoWindow()

test.describe('the Electron app', () => {
  test.skip(obstacle !== null, obstacle ?? '')
  let app: ElectronApplication
  let page: Page
  let home: string

  test.beforeAll(async () => {
    if (electron.path === null) return
    await bundleApp(ROOT)
    home = mkdtempSync(path.join(tmpdir(), 'easel-e2e-'))
    const env = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== undefined))
    app = await _electron.launch({ executablePath: electron.path, args: [ROOT], env: { ...env, EASEL_HOME: home } })
    page = await app.firstWindow()
  })
  test.afterAll(async () => {
    await app?.close()
    if (home) rmSync(home, { recursive: true, force: true })
  })

  test('shows the page in a window without Node', async () => {
    await expect(page).toHaveURL('easel://app/')
    await expect(page.getByRole('button', { name: /generate/i }).first()).toBeVisible()
    expect(await page.evaluate(() => ['require', 'process', 'module'].filter(name => name in globalThis))).toEqual([])
  })

  test('answers calls of the page', async () => {
    const reply = await page.evaluate(() => window.api?.call('app.info', {}))
    expect(reply).toMatchObject({ ok: true, value: { name: 'Easel', host: 'electron' } })
  })

  test('makes a picture that the page can show', async () => {
    const size = await page.evaluate(async () => {
      const { api } = window
      if (api === undefined) throw new Error('there is no bridge')
      const shown = new Promise<string>(resolve =>
        api.on(event => event.type === 'image-added' && resolve(event.image.id)),
      )
      await api.call('jobs.submit', { prompt: 'a red apple', steps: 2, width: 128, height: 96, seed: 7 })
      const image = new Image()
      image.src = `/image/${await shown}`
      await image.decode()
      return [image.naturalWidth, image.naturalHeight]
    })
    expect(size).toEqual([128, 96])
  })

  test('stays where it is and alone', async () => {
    await page.evaluate(() => {
      window.open('https://example.org/')
      location.href = 'https://example.org/'
    })
    await page.waitForTimeout(500)
    await expect(page).toHaveURL('easel://app/')
    expect(app.windows()).toHaveLength(1)
  })
})
