/**
 * The canvas under real pointer events in Chromium: a large picture with a mask over 40 % of it, then strokes, zooming,
 * panning and undo. Memory is the renderer's resident set, where /proc tells it. A frame is told in two ways, because a
 * browser starts frames with the screen, every 16.67 ms however little there is to do: how far apart frames start, of
 * which `late` missed one or more of the screen's; and how long the page's thread worked for one, by its own clock, which
 * stands still while other programs have the processor.
 */
import { readFileSync } from 'node:fs'
import type { Browser, CDPSession, Page } from '@playwright/test'
import { encodePng } from '#imaging/png-encode'
import { median, round } from './statistics.ts'
import { withPage } from './with-page.ts'

const MASK_SHARE = 0.4
/** Half a frame of a screen with 60 a second more than one. */
const LATE_MS = 25

/** What runs in the page, as text: this program is typed without a DOM. */
const START_COUNTING = `(() => {
  const times = (globalThis.benchTimes = [])
  const tick = now => {
    times.push(now)
    if (globalThis.benchTimes === times) requestAnimationFrame(tick)
  }
  requestAnimationFrame(tick)
})()`
const STOP_COUNTING = `
  (() => {
    const times = globalThis.benchTimes
    globalThis.benchTimes = undefined
    return times
  })()
`
const UNDO_TEN_TIMES = `
  (() => {
    const canvas = document.querySelector('[role="application"]')
    return Array.from({ length: 10 }, () => {
      const startedAt = performance.now()
      canvas.dispatchEvent(new KeyboardEvent('keydown', { key: 'z', ctrlKey: true, bubbles: true }))
      return performance.now() - startedAt
    })
  })()
`

export function benchCanvas({ side, strokes }: { side: number; strokes: number }) {
  return withPage(async (browser, url) => {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    await openPicture(page, url, side)
    const box = await page.getByRole('application').boundingBox()
    if (box === null) throw new Error('The canvas is not on the page.')
    const at = (x: number, y: number): [number, number] => [box.x + box.width * x, box.y + box.height * y]

    const stroke = await framesDuring(page, async () => {
      for (let i = 0; i < strokes; i++) {
        await page.mouse.move(...at(0.35, 0.1 + (0.8 * i) / strokes))
        await page.mouse.down()
        await page.mouse.move(...at(0.65, 0.9 - (0.8 * i) / strokes), { steps: 15 })
        await page.mouse.up()
      }
    })
    const memoryMb = await rendererMb(browser, page)
    const zoom = await framesDuring(page, async () => {
      for (let i = 0; i < 60; i++) await page.mouse.wheel(0, i < 30 ? -60 : 60)
    })
    const pan = await framesDuring(page, async () => {
      await page.mouse.down({ button: 'middle' })
      await page.mouse.move(...at(0.3, 0.3), { steps: 60 })
      await page.mouse.up({ button: 'middle' })
    })
    return { side, strokes, stroke, zoom, pan, undoMs: await undoMs(page), rendererMemoryMb: memoryMb }
  })
}

async function openPicture(page: Page, url: string, side: number): Promise<void> {
  const data = Uint8Array.from({ length: side * side * 3 }, (_, i) => ((i % (side * 3)) >> 6) & 0xff)
  const file = await encodePng({ width: side, height: side, data })
  await page.goto(`${url}/#canvas`)
  await page
    .getByLabel('Open a picture …')
    .setInputFiles({ name: 'large.png', mimeType: 'image/png', buffer: Buffer.from(file) })
  await page.getByRole('application').waitFor()
  await page.getByText('Mask by numbers').click()
  await page
    .getByRole('spinbutton', { name: 'Width' })
    .last()
    .fill(String(Math.round(side * MASK_SHARE)))
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await page.waitForTimeout(2000) // the picture is decoded and the plan made
}

/** Of the frames while something is done. */
async function framesDuring(page: Page, work: () => Promise<void>) {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const workedMs = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics')
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN) * 1000
  }
  await page.evaluate(START_COUNTING)
  const before = await workedMs()
  await work()
  const worked = (await workedMs()) - before
  const starts = await page.evaluate<number[]>(STOP_COUNTING)
  await session.detach()
  const gaps = starts.slice(1).map((start, i) => start - starts[i])
  const sorted = gaps.toSorted((a, b) => a - b)
  return {
    frames: gaps.length,
    late: gaps.filter(gap => gap > LATE_MS).length,
    medianMs: round(median(gaps)),
    p95Ms: round(sorted[Math.floor(sorted.length * 0.95)]),
    workedMs: round(worked / gaps.length),
  }
}

/** Median of ten, from the key to the end of what it does. */
async function undoMs(page: Page): Promise<number> {
  const times = await page.evaluate<number[]>(UNDO_TEN_TIMES)
  return round(median(times))
}

async function rendererMb(browser: Browser, page: Page): Promise<number | null> {
  const session: CDPSession = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  const sizes = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => residentMb(id))
  await page.bringToFront()
  return sizes.some(size => size === null) ? null : Math.max(...sizes.map(Number))
}

function residentMb(pid: number): number | null {
  if (process.platform !== 'linux') return null
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return kilobytes === undefined ? null : Math.round(Number(kilobytes) / 1024)
}
