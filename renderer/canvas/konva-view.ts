/**
 * The canvas on the screen: the only file that knows Konva. It is written, never read: what there is to see comes from
 * the editor and from its setters, and no state of Konva's is asked for anything.
 */
import Konva from 'konva'
import type { Box } from '#contract/mask/grey-mask'
import { wholeBox, type Point, type Size } from './box.ts'
import type { Editor } from './editor.ts'
import { boxOfLook, drawLook, type MaskLook, type Tint } from './mask-look.ts'
import type { Viewport } from './viewport.ts'

export interface ViewColours {
  tint: Tint
  line: string
  lineShadow: string
}

export interface CanvasView {
  setBase(image: CanvasImageSource | null): void
  /** A result in place of the base; null shows the base and its mask again. */
  setCandidate(image: CanvasImageSource | null): void
  /** How much of the result covers the base, 0..1. */
  setBlend(share: number): void
  setViewport(viewport: Viewport): void
  setMaskLook(look: MaskLook): void
  /** The brush where the pointer is; null hides it. */
  setCursor(at: Point | null): void
  /** The part that is rendered; null for the whole picture. */
  setRegion(box: Box | null): void
  resize(size: Size): void
  dispose(): void
}

const CHECK = 8

export function createCanvasView(container: HTMLDivElement, editor: Editor, colours: ViewColours): CanvasView {
  const { width, height } = editor.document.mask
  const stage = new Konva.Stage({ container, width: container.clientWidth, height: container.clientHeight })
  const pictures = new Konva.Layer({ listening: false, imageSmoothingEnabled: true })
  const masks = new Konva.Layer({ listening: false })
  const marks = new Konva.Layer({ listening: false })
  stage.add(pictures, masks, marks)

  const { ground, base, candidate } = createPictures({ width, height })
  pictures.add(ground, base, candidate)

  const mask = createMaskPicture(editor, colours.tint)
  const maskImage = new Konva.Image({ image: mask.canvas, width, height })
  masks.add(maskImage)

  const { cursor, outline, region } = createMarks(colours)
  marks.add(region, outline, cursor)

  const stop = editor.onChange(change => {
    switch (change.kind) {
      case 'mask':
        mask.update(change.box)
        masks.batchDraw()
        break
      case 'outline':
        outline.points(editor.outline.flatMap(({ x, y }) => [x, y]))
        marks.batchDraw()
        break
      case 'settings':
        sizeCursor()
        marks.batchDraw()
        break
      case 'base':
      case 'history':
        break
    }
  })

  const sizeCursor = (): unknown => cursor.radius(brushRadius(editor))
  sizeCursor()

  return {
    setBase(image) {
      base.image(image ?? undefined)
      pictures.batchDraw()
    },
    setCandidate(image) {
      candidate.image(image ?? undefined)
      candidate.visible(image !== null)
      maskImage.visible(image === null)
      pictures.batchDraw()
      masks.batchDraw()
    },
    setBlend(share) {
      candidate.opacity(share)
      pictures.batchDraw()
    },
    setViewport({ scale, x, y }) {
      stage.scale({ x: scale, y: scale })
      stage.position({ x, y })
      ground.fillPatternScale({ x: 1 / scale, y: 1 / scale })
      pictures.imageSmoothingEnabled(scale < 4) // pixels are looked at when they are this large
      stage.batchDraw()
    },
    setMaskLook(look) {
      mask.setLook(look)
      masks.batchDraw()
    },
    setCursor(at) {
      cursor.visible(at !== null)
      if (at !== null) cursor.position(at)
      marks.batchDraw()
    },
    setRegion(box) {
      placeRegion(region, box)
      marks.batchDraw()
    },
    resize(size) {
      stage.size(size)
    },
    dispose() {
      stop()
      stage.destroy()
    },
  }
}

function createPictures(size: Size) {
  return {
    ground: new Konva.Rect({ ...size, fillPatternImage: checkerboard() as unknown as HTMLImageElement }),
    base: new Konva.Image({ ...size, image: undefined }),
    candidate: new Konva.Image({ ...size, image: undefined, visible: false }),
  }
}

/** What is drawn over the picture: one screen width thick at any zoom. */
function createMarks({ line, lineShadow }: ViewColours) {
  const look = { stroke: line, strokeScaleEnabled: false, strokeWidth: 1.5, shadowColor: lineShadow, shadowBlur: 2 }
  return {
    cursor: new Konva.Circle({ ...look, radius: 0, visible: false }),
    outline: new Konva.Line({ ...look, points: [], dash: [6, 4], closed: true }),
    region: new Konva.Rect({ ...look, dash: [2, 4], visible: false }),
  }
}

function placeRegion(region: Konva.Rect, box: Box | null): void {
  region.visible(box !== null)
  if (box === null) return
  region.setAttrs({ x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top })
}

function brushRadius({ settings: { tool, brush } }: Editor): number {
  return tool === 'brush' || tool === 'eraser' ? brush.size / 2 : 0
}

/** The mask as a picture over the base; only what changed is made again. */
function createMaskPicture(editor: Editor, tint: Tint) {
  const { mask } = editor.document
  const canvas = document.createElement('canvas')
  canvas.width = mask.width
  canvas.height = mask.height
  const context = canvas.getContext('2d')
  if (context === null) throw new Error('This browser gives no 2D canvas.')
  let look: MaskLook = 'tint'
  const update = (changed: Box): void => {
    const box = boxOfLook(mask, look, changed)
    const words = drawLook(mask, look, box, tint)
    const bytes = new Uint8ClampedArray(words.buffer)
    context.putImageData(new ImageData(bytes, box.right - box.left), box.left, box.top)
  }
  update(wholeBox(mask))
  return {
    canvas,
    update,
    setLook(next: MaskLook) {
      if (next === look) return
      look = next
      update(wholeBox(mask))
    },
  }
}

/** What shows through where the picture is transparent. */
function checkerboard(): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = 2 * CHECK
  const context = canvas.getContext('2d')
  if (context === null) throw new Error('This browser gives no 2D canvas.')
  context.fillStyle = '#999'
  context.fillRect(0, 0, 2 * CHECK, 2 * CHECK)
  context.fillStyle = '#666'
  context.fillRect(0, 0, CHECK, CHECK)
  context.fillRect(CHECK, CHECK, CHECK, CHECK)
  return canvas
}
