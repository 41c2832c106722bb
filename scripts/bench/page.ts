/** The page in a real Chromium over the real server: when something is painted, when one can type, what was transferred. */
import type { Browser } from '@playwright/test'
import { median, round } from './statistics.ts'
import { withPage } from './with-page.ts'

interface Visit {
  firstPaintMs: number
  interactiveMs: number
  transferredBytes: number
}

export function benchPage({ repeats }: { repeats: number }) {
  return withPage(async (browser, url) => {
    const visits: Visit[] = []
    for (let i = 0; i < repeats; i++) visits.push(await visit(browser, url))
    return {
      firstPaintMs: round(median(visits.map(({ firstPaintMs }) => firstPaintMs))),
      interactiveMs: round(median(visits.map(({ interactiveMs }) => interactiveMs))),
      transferredKb: round(median(visits.map(({ transferredBytes }) => transferredBytes)) / 1024),
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
      return { firstPaintMs: paint.startTime, transferredBytes: bytes.reduce((sum, size) => sum + size, 0) }
    })
    return { ...seen, interactiveMs }
  } finally {
    await context.close()
  }
}
