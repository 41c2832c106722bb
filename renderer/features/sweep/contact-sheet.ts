/** A grid as one picture: its cells side by side, the values of the columns above them and those of the rows on the left. */
import type { JobSnapshot } from '#contract/jobs'
import { imageUrl } from '../../stores/pictures.ts'

const GAP = 8
const MARGIN = 24
const FONT_PX = 16
const LINE = 24
const ROW_LABEL = 160
/** A cell is drawn no larger, so that 200 of them stay a picture that other programs open. */
const LONGEST_SIDE = 512
const COLOURS = { ground: '#ffffff', text: '#202024', missing: '#ececf0' } as const

/** Cells without a picture (skipped, failed, still to come, not to be had at the moment) stay empty. */
export async function drawContactSheet(jobs: readonly JobSnapshot[]): Promise<Blob> {
  const cells = jobs.flatMap(job => (job.cell === null ? [] : [{ job, ...job.cell }]))
  const longest = Math.max(...cells.flatMap(({ job }) => [job.request.width, job.request.height]))
  const scale = Math.min(1, LONGEST_SIDE / longest)
  const width = Math.round(Math.max(...cells.map(({ job }) => job.request.width)) * scale)
  const height = Math.round(Math.max(...cells.map(({ job }) => job.request.height)) * scale)
  const columns = Math.max(...cells.map(cell => cell.column)) + 1
  const rows = Math.max(...cells.map(cell => cell.row)) + 1
  const left = MARGIN + (cells.some(cell => cell.rowLabel !== '') ? ROW_LABEL : 0)
  const top = MARGIN + (cells.some(cell => cell.columnLabel !== '') ? LINE : 0)
  const canvas = new OffscreenCanvas(
    left + columns * (width + GAP) - GAP + MARGIN,
    top + rows * (height + GAP) - GAP + MARGIN,
  )
  const context = canvas.getContext('2d')
  if (context === null) throw new Error('This browser gives no canvas to draw on')
  context.fillStyle = COLOURS.ground
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.font = `${FONT_PX}px system-ui, sans-serif`
  for (const { job, column, row, columnLabel, rowLabel } of cells) {
    const at = { x: left + column * (width + GAP), y: top + row * (height + GAP), width, height }
    if (row === 0) write(context, columnLabel, { x: at.x, y: MARGIN + FONT_PX, width })
    if (column === 0) write(context, rowLabel, { x: MARGIN, y: at.y + height / 2, width: ROW_LABEL - GAP })
    await place(context, job, at)
  }
  return canvas.convertToBlob({ type: 'image/png' })
}

async function place(
  context: OffscreenCanvasRenderingContext2D,
  job: JobSnapshot,
  { x, y, width, height }: { x: number; y: number; width: number; height: number },
): Promise<void> {
  const [id] = job.results
  const response = id === undefined ? null : await fetch(imageUrl(id)).catch(() => null)
  if (!response?.ok) {
    context.fillStyle = COLOURS.missing
    context.fillRect(x, y, width, height)
    return
  }
  const bitmap = await createImageBitmap(await response.blob())
  const scale = Math.min(width / bitmap.width, height / bitmap.height)
  const [shownWidth, shownHeight] = [bitmap.width * scale, bitmap.height * scale]
  context.drawImage(bitmap, x + (width - shownWidth) / 2, y + (height - shownHeight) / 2, shownWidth, shownHeight)
  bitmap.close()
}

/** On one line, cut with an ellipsis where there is no more room. */
function write(
  context: OffscreenCanvasRenderingContext2D,
  text: string,
  { x, y, width }: { x: number; y: number; width: number },
): void {
  let shown = text
  while (shown !== '' && context.measureText(shown === text ? text : `${shown}…`).width > width)
    shown = shown.slice(0, -1)
  context.fillStyle = COLOURS.text
  context.fillText(shown === text ? text : `${shown}…`, x, y)
}
