/**
 * `npm run screenshots`: every view of the app as a picture, with what the real engine makes of the starter's examples:
 * 1440x900 and 1024x700, dark and light, in English and in German, and on a phone; in dist/screenshots for looking at.
 * Those that the README shows are renewed in scripts/pictures. `npm run screenshots -- <folder>` puts all of them
 * elsewhere and renews nothing.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { chromium } from '@playwright/test'
import { ROOT } from './bootstrap/root.mjs'
import { chromiumArguments, findChromium } from './machine/chromium.ts'
import { photographAll } from './screenshots/photograph.ts'

/** Of those that were taken -> in the README. */
const SHOWN = {
  'studio-dark-1440.png': 'studio-dark.png',
  'four-light-1440.png': 'studio-light.png',
  'gallery-dark-1440.png': 'gallery-dark.png',
  'sheet-light-1440.png': 'grid-light.png',
} as const

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
  await photographAll(browser, url, folder)
  await browser.close()
  if (elsewhere === undefined) {
    for (const [from, to] of Object.entries(SHOWN))
      copyFileSync(path.join(folder, from), path.join(ROOT, 'scripts/pictures', to))
  }
} finally {
  server.kill()
  await once(server, 'exit')
  rmSync(home, { recursive: true, force: true, maxRetries: 5 })
}
