/** Mask, strokes and plan as what can be laid over the base; of the first two only what is in sight is made, and again only what changed. */
import type { MaskLook } from '#contract/canvas-document'
import type { Strokes } from './document.ts'
import type { Editor } from './editor.ts'
import { drawLook, reachOfLook, type Tint } from './mask-look.ts'
import type { ChangePlan } from './plan-change.ts'
import { drawStrokes } from './strokes-look.ts'
import { createSurface, createTiledLayer, type TiledLayer } from './tiled-layer.ts'

export function createMaskLayer({ document: { mask } }: Editor, look: MaskLook, tint: Tint): TiledLayer {
  return createTiledLayer(mask, (box, detail) => drawLook(mask, look, box, tint, detail), reachOfLook(look))
}

export function createStrokesLayer(strokes: Strokes): TiledLayer {
  return createTiledLayer(strokes, (box, { level }) => drawStrokes(strokes, box, level))
}

/** What stays is not drawn, what the model redraws is faint, what changes is plain. */
export function drawOverlay(
  { width, height, data }: ChangePlan['overlay'],
  [red, green, blue]: Tint,
): HTMLCanvasElement {
  const context = createSurface({ width, height })
  const colour = (blue << 16) | (green << 8) | red // red comes first in memory
  const words = [0, (OVERLAY_OPACITY.redrawn << 24) | colour, (OVERLAY_OPACITY.changed << 24) | colour]
  const pixels = Uint32Array.from(data, value => words[value] ?? 0)
  context.putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer), width), 0, 0)
  return context.canvas
}

/** A preview of the part that is rendered, as far as it will be pasted. */
export function drawPreview({ overlay, region }: ChangePlan, image: CanvasImageSource): HTMLCanvasElement {
  const { width, height, data, box } = overlay
  const context = createSurface({ width, height })
  const pixels = Uint32Array.from(data, value => (value === 2 ? 0xff000000 : 0))
  context.putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer), width), 0, 0)
  context.globalCompositeOperation = 'source-in'
  const scale = width / (box.right - box.left)
  const [x, y] = [(region.left - box.left) * scale, (region.top - box.top) * scale]
  context.drawImage(image, x, y, (region.right - region.left) * scale, (region.bottom - region.top) * scale)
  return context.canvas
}

const OVERLAY_OPACITY = { redrawn: 70, changed: 150 } as const
const CHECK = 8

/** What shows through where the picture is transparent. */
export function checkerboard(): HTMLCanvasElement {
  const context = createSurface({ width: 2 * CHECK, height: 2 * CHECK })
  context.fillStyle = '#999'
  context.fillRect(0, 0, 2 * CHECK, 2 * CHECK)
  context.fillStyle = '#666'
  context.fillRect(0, 0, CHECK, CHECK)
  context.fillRect(CHECK, CHECK, CHECK, CHECK)
  return context.canvas
}
