/** Mask, strokes and plan as pictures that can be laid over the base; of the first two only what changed is made again. */
import type { Box } from '#contract/mask/grey-mask'
import { wholeBox, type Size } from './box.ts'
import type { Strokes } from './document.ts'
import type { Editor } from './editor.ts'
import type { MaskLook } from '#contract/canvas-document'
import { boxOfLook, drawLook, type Tint } from './mask-look.ts'
import type { ChangePlan } from './plan-change.ts'

export interface LayerPicture {
  canvas: HTMLCanvasElement
  update(changed: Box): void
}

export interface MaskPicture extends LayerPicture {
  setLook(look: MaskLook): void
}

export function createMaskPicture({ document: { mask } }: Editor, firstLook: MaskLook, tint: Tint): MaskPicture {
  const { canvas, context } = createSurface(mask)
  let look = firstLook
  const update = (changed: Box): void => {
    const box = boxOfLook(mask, look, changed)
    const bytes = new Uint8ClampedArray(drawLook(mask, look, box, tint).buffer)
    context.putImageData(new ImageData(bytes, box.right - box.left), box.left, box.top)
  }
  update(wholeBox(mask))
  return {
    canvas,
    update,
    setLook(next) {
      if (next === look) return
      look = next
      update(wholeBox(mask))
    },
  }
}

export function createStrokesPicture(strokes: Strokes): LayerPicture {
  const { canvas, context } = createSurface(strokes)
  const update = ({ left, top, right, bottom }: Box): void => {
    const image = new ImageData(right - left, bottom - top)
    for (let y = top; y < bottom; y++) {
      const from = (y * strokes.width + left) * 4
      image.data.set(strokes.data.subarray(from, from + image.width * 4), (y - top) * image.width * 4)
    }
    context.putImageData(image, left, top)
  }
  update(wholeBox(strokes))
  return { canvas, update }
}

/** What stays is not drawn, what the model redraws is faint, what changes is plain. */
export function drawOverlay(
  { width, height, data }: ChangePlan['overlay'],
  [red, green, blue]: Tint,
): HTMLCanvasElement {
  const { canvas, context } = createSurface({ width, height })
  const colour = (blue << 16) | (green << 8) | red // red comes first in memory
  const words = [0, (OVERLAY_OPACITY.redrawn << 24) | colour, (OVERLAY_OPACITY.changed << 24) | colour]
  const pixels = Uint32Array.from(data, value => words[value] ?? 0)
  context.putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer), width), 0, 0)
  return canvas
}

const OVERLAY_OPACITY = { redrawn: 70, changed: 150 } as const
const CHECK = 8

/** What shows through where the picture is transparent. */
export function checkerboard(): HTMLCanvasElement {
  const { canvas, context } = createSurface({ width: 2 * CHECK, height: 2 * CHECK })
  context.fillStyle = '#999'
  context.fillRect(0, 0, 2 * CHECK, 2 * CHECK)
  context.fillStyle = '#666'
  context.fillRect(0, 0, CHECK, CHECK)
  context.fillRect(CHECK, CHECK, CHECK, CHECK)
  return canvas
}

function createSurface({ width, height }: Size): { canvas: HTMLCanvasElement; context: CanvasRenderingContext2D } {
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const context = canvas.getContext('2d')
  if (context === null) throw new Error('This browser gives no 2D canvas.')
  return { canvas, context }
}
