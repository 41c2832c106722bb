/**
 * A plane of any size as pictures for the screen: squares of 256 at the resolution at which it is looked at, and only
 * those in sight. A canvas as large as the plane would take four bytes a pixel, and as much again while it is drawn.
 * Level n has one pixel for 2^n by 2^n of the plane.
 */
import type { Box } from '#contract/mask/grey-mask'
import { clipBox, type Size } from './box.ts'
import { toPicture, type Viewport } from './viewport.ts'

const SIDE = 256
/** So wide on the screen is a line that is drawn for it. */
const LINE_PIXELS = 1.5

export interface Detail {
  level: number
  /** So many pixels of the level make a thin line on the screen. */
  line: number
}

/** The words (RGBA, red first in memory) of a box in pixels of the level; null where there is nothing to see. */
export type DrawPart = (box: Box, detail: Detail) => Uint32Array<ArrayBuffer> | null

/** A canvas's context, or Konva's around one: in pixels of the plane. */
interface Target {
  drawImage(image: CanvasImageSource, x: number, y: number, width: number, height: number): void
}

interface Tile {
  /** null: nothing is there. */
  context: CanvasRenderingContext2D | null
  /** What is out of date, in pixels of the level. */
  dirty: Box | null
}

export interface TiledLayer {
  /** In pixels of the plane. */
  invalidate(box: Box): void
  paint(target: Target, viewport: Viewport, stage: Size, pixelRatio: number): void
}

/** `reach`: a pixel looks different when one so many lines away changes. */
export function createTiledLayer(size: Size, draw: DrawPart, reach = 0): TiledLayer {
  const tiles = new Map<number, Tile>()
  let shown: Detail = { level: 0, line: 1 }

  function invalidate({ left, top, right, bottom }: Box): void {
    const unit = 2 ** shown.level
    const more = reach * shown.line
    const box = {
      left: Math.floor(left / unit) - more,
      top: Math.floor(top / unit) - more,
      right: Math.ceil(right / unit) + more,
      bottom: Math.ceil(bottom / unit) + more,
    }
    for (const [index, tile] of tiles) {
      const part = intersection(box, boxOfTile(index, shown.level))
      if (part !== null) tile.dirty = tile.dirty === null ? part : union(tile.dirty, part)
    }
  }

  function boxOfTile(index: number, level: number): Box {
    const extent = { width: Math.ceil(size.width / 2 ** level), height: Math.ceil(size.height / 2 ** level) }
    const columns = columnsOf(size, level)
    const [left, top] = [(index % columns) * SIDE, Math.floor(index / columns) * SIDE]
    const box = { left, top, right: left + SIDE, bottom: top + SIDE }
    return clipBox(box, extent) ?? box
  }

  function refresh(index: number): Tile {
    const box = boxOfTile(index, shown.level)
    const tile = tiles.get(index) ?? { context: null, dirty: box }
    tiles.set(index, tile)
    if (tile.dirty === null) return tile
    const part = tile.context === null ? box : tile.dirty
    const words = draw(part, shown)
    tile.dirty = null
    if (words === null && tile.context === null) return tile
    tile.context ??= createContext(box)
    const [x, y, width, height] = [
      part.left - box.left,
      part.top - box.top,
      part.right - part.left,
      part.bottom - part.top,
    ]
    if (words === null) tile.context.clearRect(x, y, width, height)
    else tile.context.putImageData(new ImageData(new Uint8ClampedArray(words.buffer), width), x, y)
    return tile
  }

  return {
    invalidate,
    paint(target, viewport, stage, pixelRatio) {
      const next = detailFor(viewport.scale * pixelRatio)
      if (next.level !== shown.level || (reach > 0 && next.line !== shown.line)) tiles.clear()
      shown = next
      const inSight = tilesInSight(size, viewport, stage, shown.level)
      for (const index of tiles.keys()) if (!inSight.has(index)) tiles.delete(index)
      for (const index of inSight) {
        const { context } = refresh(index)
        if (context === null) continue
        const box = onScreen(boxOfTile(index, shown.level), viewport, 2 ** shown.level, pixelRatio)
        target.drawImage(context.canvas, box.left, box.top, box.right - box.left, box.bottom - box.top)
      }
    },
  }
}

/** No pixel of the level is larger than one of the screen, unless one of the plane is. */
export function detailFor(scale: number): Detail {
  const level = Math.max(0, Math.floor(Math.log2(1 / scale)))
  return { level, line: Math.max(1, Math.round(LINE_PIXELS / (scale * 2 ** level))) }
}

function columnsOf({ width }: Size, level: number): number {
  return Math.ceil(width / 2 ** level / SIDE)
}

function tilesInSight(size: Size, viewport: Viewport, stage: Size, level: number): Set<number> {
  const side = SIDE * 2 ** level
  const from = toPicture(viewport, { x: 0, y: 0 })
  const to = toPicture(viewport, { x: stage.width, y: stage.height })
  const seen = clipBox(
    { left: Math.floor(from.x), top: Math.floor(from.y), right: Math.ceil(to.x), bottom: Math.ceil(to.y) },
    size,
  )
  const found = new Set<number>()
  if (seen === null) return found
  for (let row = Math.floor(seen.top / side); row * side < seen.bottom; row++) {
    for (let column = Math.floor(seen.left / side); column * side < seen.right; column++) {
      found.add(row * columnsOf(size, level) + column)
    }
  }
  return found
}

/** In pixels of the plane, its edges on whole pixels of the screen: else two squares would show a seam between them. */
function onScreen({ left, top, right, bottom }: Box, { scale, x, y }: Viewport, unit: number, pixelRatio: number): Box {
  const snap = (at: number, offset: number): number =>
    (Math.round((at * unit * scale + offset) * pixelRatio) / pixelRatio - offset) / scale
  return { left: snap(left, x), top: snap(top, y), right: snap(right, x), bottom: snap(bottom, y) }
}

function intersection(a: Box, b: Box): Box | null {
  const box = {
    left: Math.max(a.left, b.left),
    top: Math.max(a.top, b.top),
    right: Math.min(a.right, b.right),
    bottom: Math.min(a.bottom, b.bottom),
  }
  return box.left < box.right && box.top < box.bottom ? box : null
}

function union(a: Box, b: Box): Box {
  return {
    left: Math.min(a.left, b.left),
    top: Math.min(a.top, b.top),
    right: Math.max(a.right, b.right),
    bottom: Math.max(a.bottom, b.bottom),
  }
}

function createContext({ left, top, right, bottom }: Box): CanvasRenderingContext2D {
  return createSurface({ width: right - left, height: bottom - top })
}

export function createSurface({ width, height }: Size): CanvasRenderingContext2D {
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const context = canvas.getContext('2d')
  if (context === null) throw new Error('This browser gives no 2D canvas.')
  return context
}
