/** The page in a real Chromium over the real server: when something is painted, when one can type, what was transferred. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { chromium, type Browser } from '@playwright/test'
import { openApp } from '#hosts/open-app'
import { startServer } from '#hosts/server/start-server'
import { ensurePage } from '../bootstrap/page.mjs'
import { ROOT } from '../bootstrap/root.mjs'
import { chromiumArguments, findChromium } from '../machine/chromium.ts'
import { median, round } from './statistics.ts'

interface Visit {
  firstPaintMs: number
  interactiveMs: number
  transferredBytes: number
}

/** Null with the reason where there is no Chromium. */
export async function benchPage({ repeats }: { repeats: number }) {
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
    const visits: Visit[] = []
    for (let i = 0; i < repeats; i++) visits.push(await visit(browser, server.url))
    return {
      firstPaintMs: round(median(visits.map(({ firstPaintMs }) => firstPaintMs))),
      interactiveMs: round(median(visits.map(({ interactiveMs }) => interactiveMs))),
      transferredKb: round(median(visits.map(({ transferredBytes }) => transferredBytes)) / 1024),
    }
  } finally {
    await browser.close()
    await server.close()
    await opened.close()
    rmSync(dataFolder, { recursive: true, force: true })
  }
}

/** Each visit has a context of its own, so nothing is cached. */
async function visit(browser: Browser, url: string): Promise<Visit> {
  const context = await browser.newContext()
  try {
    const page = await context.newPage()
    const startedAt = performance.now()
    await page.goto(url)
    await page.getByRole('textbox').first().fill('a')
    const interactiveMs = performance.now() - startedAt
    const seen = await page.evaluate(() => {
      const [paint] = performance.getEntriesByName('first-contentful-paint')
      const bytes = performance.getEntries().map(entry => ('transferSize' in entry ? Number(entry.transferSize) : 0))
      return { firstPaintMs: paint.startTime, transferredBytes: bytes.reduce((sum, size) => sum + size, 0) }
    })
    return { ...seen, interactiveMs }
  } finally {
    await context.close()
  }
}
