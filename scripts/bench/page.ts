/**
 * The page in a real Chromium over the real server: when something is painted, when one can type, how much script the
 * first view takes, what a key costs in the prompt with a full history, and whether anything moves when results come.
 */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Browser, Page } from '@playwright/test'
import { ROOT } from '../bootstrap/root.mjs'
import { median, round } from './statistics.ts'
import { withPage } from './with-page.ts'

interface Visit {
  firstPaintMs: number
  interactiveMs: number
  transferredBytes: number
  scripts: string[]
}

/** As many as the page keeps. */
const HISTORY = 5000
const TYPED = 'a small red fox under a tree in the snow at night, oil painting'
/** What is loaded when it is first opened. */
const LATER = /CanvasView|konva|GalleryView|SettingsView/

export function benchPage({ repeats }: { repeats: number }) {
  return withPage(async (browser, url) => {
    const visits: Visit[] = []
    for (let i = 0; i < repeats; i++) visits.push(await visit(browser, url))
    const { scripts } = visits[0]
    return {
      firstPaintMs: round(median(visits.map(({ firstPaintMs }) => firstPaintMs))),
      interactiveMs: round(median(visits.map(({ interactiveMs }) => interactiveMs))),
      transferredKb: round(median(visits.map(({ transferredBytes }) => transferredBytes)) / 1024),
      scriptsKbGzipped: round(gzippedBytes(scripts) / 1024),
      loadsViewsEarly: scripts.some(script => LATER.test(script)),
      typing: await benchTyping(browser, url),
      shiftWhenResultsCome: await benchShift(browser, url),
    }
  })
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
      const names = performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname)
      return {
        firstPaintMs: paint.startTime,
        transferredBytes: bytes.reduce((sum, size) => sum + size, 0),
        scripts: names.filter(name => name.endsWith('.js')),
      }
    })
    return { ...seen, interactiveMs }
  } finally {
    await context.close()
  }
}

/** The server sends Brotli; gzip is what sizes are compared in. */
function gzippedBytes(scripts: readonly string[]): number {
  const assets = path.join(ROOT, 'dist/page/assets')
  const files = readdirSync(assets).filter(file => scripts.includes(`/assets/${file}`))
  return files.reduce((sum, file) => sum + gzipSync(readFileSync(path.join(assets, file)), { level: 9 }).length, 0)
}

/**
 * From the key to the end of the frame's work: script, style, layout and paint of the main thread, in its own time. What it
 * waits for other programs is not the page's, and was most of the worst key on a busy machine (38 ms for 8 of work).
 */
async function benchTyping(browser: Browser, url: string) {
  const context = await browser.newContext()
  try {
    await context.addInitScript(count => {
      const words = ['fox', 'castle', 'boat', 'robot', 'snow', 'sunset', 'oil painting', 'in the style of nobody']
      const prompts = Array.from({ length: count }, (_, i) => `${words[i % 8]} ${i} ${words[(i >> 3) % 8]}`)
      localStorage.setItem('easel.prompt-history', JSON.stringify(prompts))
      localStorage.setItem('easel.tour', 'ended')
    }, HISTORY)
    const page = await context.newPage()
    await page.goto(url)
    const prompt = page.getByRole('textbox').first()
    await prompt.fill('a')
    const session = await context.newCDPSession(page)
    await session.send('Performance.enable', { timeDomain: 'threadTicks' })
    const busyMs = async () => {
      const { metrics } = await session.send('Performance.getMetrics')
      return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN) * 1000
    }
    const costs: number[] = []
    for (const key of TYPED) {
      const before = await busyMs()
      await page.keyboard.type(key)
      await nextFrame(page)
      costs.push((await busyMs()) - before)
    }
    return { historyEntries: HISTORY, medianMs: round(median(costs)), worstMs: round(Math.max(...costs)) }
  } finally {
    await context.close()
  }
}

function nextFrame(page: Page): Promise<void> {
  return page.evaluate(() => new Promise<void>(resolve => requestAnimationFrame(() => setTimeout(resolve))))
}

/** Cumulative layout shift from Generate to the last of four pictures, also of what a click explains. */
async function benchShift(browser: Browser, url: string): Promise<number> {
  const context = await browser.newContext({ locale: 'en-US' })
  try {
    await context.addInitScript(() => {
      localStorage.setItem('easel.tour', 'ended')
      localStorage.setItem('easel.form-mode', 'everything')
    })
    const page = await context.newPage()
    await page.goto(url)
    await page.getByRole('textbox').first().fill('a fox in the snow')
    await page.getByRole('radio', { name: '4', exact: true }).click()
    await page.evaluate(() => {
      const sum = { shift: 0 }
      Object.assign(window, { sum })
      new PerformanceObserver(list => {
        for (const entry of list.getEntries() as (PerformanceEntry & { value: number })[]) sum.shift += entry.value
      }).observe({ type: 'layout-shift' })
    })
    await page.getByRole('button', { name: 'Generate' }).click()
    await page
      .getByRole('main')
      .getByRole('button', { name: /picture 4 of 4/ })
      .waitFor({ timeout: 120_000 })
    return round(await page.evaluate(() => (window as unknown as { sum: { shift: number } }).sum.shift))
  } finally {
    await context.close()
  }
}
