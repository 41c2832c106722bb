/** The built page over the real server with a Chromium, for as long as a measurement takes. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { chromium, type Browser } from '@playwright/test'
import { openApp } from '#hosts/open-app'
import { startServer } from '#hosts/server/start-server'
import { ensurePage } from '../bootstrap/page.mjs'
import { ROOT } from '../bootstrap/root.mjs'
import { chromiumArguments, findChromium } from '../machine/chromium.ts'

/** `{ skipped }` with the reason where there is no Chromium. */
export async function withPage<T>(
  measure: (browser: Browser, url: string) => Promise<T>,
): Promise<T | { skipped: string }> {
  const found = findChromium()
  if (found.path === null) return { skipped: found.reason }
  await ensurePage(ROOT, process.execPath)
  const dataFolder = mkdtempSync(path.join(tmpdir(), 'easel-bench-'))
  const opened = await openApp({
    host: 'server',
    dataFolder,
    appVersion: 'bench',
    bundledModels: path.join(ROOT, 'models'),
    nodeBinary: process.execPath,
    engineEntry: path.join(ROOT, 'main/engine/engine-process.ts'),
    isJobComing: false,
  })
  const { app, log } = opened
  const pageFolder = path.join(ROOT, 'dist/page')
  const server = await startServer({ app, host: '127.0.0.1', port: 0, token: null, pageFolder, log })
  const browser = await chromium.launch({ executablePath: found.path, args: chromiumArguments() })
  try {
    return await measure(browser, server.url)
  } finally {
    await browser.close()
    await server.close()
    await opened.close()
    rmSync(dataFolder, { recursive: true, force: true })
  }
}
