/**
 * The canvas on the screen: the only file that knows Konva. It is written, never read: what there is to see comes from
 * the editor and from its setters, and no state of Konva's is asked for anything.
 */
import Konva from 'konva'
import type { Box } from '#contract/mask/grey-mask'
import { sizeOf } from '#contract/mask/edit-region'
import { wholeBox, type Point, type Size } from './box.ts'
import type { Editor } from './editor.ts'
import type { Change } from './gestures.ts'
import { extendOf, grownBox, isWholePicture } from './frame.ts'
import { boxOfCell, gridOf } from './grid.ts'
import { checkerboard, createMaskLayer, createStrokesLayer, drawOverlay, drawPreview } from './layer-pictures.ts'
import type { MaskLook } from '#contract/canvas-document'
import type { Tint } from './mask-look.ts'
import type { ChangePlan } from './plan-change.ts'
import { toHex } from './paint-strokes.ts'
import type { TiledLayer } from './tiled-layer.ts'
import type { Viewport } from './viewport.ts'

export interface ViewColours {
  tint: Tint
  change: Tint
  line: string
  lineShadow: string
}

export interface CanvasView {
  setBase(image: CanvasImageSource | null): void
  /** A result in place of the base, and where it lies; null shows the base and its mask again. */
  setCandidate(image: CanvasImageSource | null, box: Box): void
  /** How much of the result covers the base, 0..1. */
  setBlend(share: number): void
  setViewport(viewport: Viewport): void
  setMaskLook(look: MaskLook): void
  /** The brush where the pointer is; null hides it. */
  setCursor(at: Point | null): void
  /** What will change and which part is rendered; null shows neither. */
  setPlan(plan: Pick<ChangePlan, 'overlay' | 'region'> | null): void
  /** What is being painted, where it will be; null hides it. */
  setPreview(painted: { image: CanvasImageSource; plan: ChangePlan } | null): void
  resize(size: Size): void
  dispose(): void
}

const GRIP = 10

export function createCanvasView(container: HTMLDivElement, editor: Editor, colours: ViewColours): CanvasView {
  const scene = createScene(container, colours)
  const {
    stage,
    pictures,
    masks,
    marks,
    ground,
    base,
    candidate,
    maskShape,
    overlay,
    preview,
    cursor,
    hardness,
    region,
  } = scene
  const painter = createPainter(scene, editor, colours, {
    width: container.clientWidth,
    height: container.clientHeight,
  })
  const stop = editor.onChange(painter.follow)

  return {
    setBase(image) {
      base.image(image ?? undefined)
      pictures.batchDraw()
    },
    setCandidate(image, box) {
      candidate.image(image ?? undefined)
      place(candidate, image === null ? null : box)
      maskShape.visible(image === null)
      pictures.batchDraw()
      masks.batchDraw()
    },
    setBlend(share) {
      candidate.opacity(share)
      pictures.batchDraw()
    },
    setViewport(viewport) {
      const { scale, x, y } = viewport
      stage.scale({ x: scale, y: scale })
      stage.position({ x, y })
      ground.fillPatternScale({ x: 1 / scale, y: 1 / scale })
      for (const layer of [pictures, masks]) layer.imageSmoothingEnabled(scale < 4) // larger ones are looked at one by one
      painter.setViewport(viewport)
      stage.batchDraw()
    },
    setMaskLook(look) {
      painter.setLook(look)
      masks.batchDraw()
    },
    setCursor(at) {
      for (const ring of [cursor, hardness]) {
        ring.visible(at !== null)
        if (at !== null) ring.position(at)
      }
      marks.batchDraw()
    },
    setPlan(plan) {
      overlay.image(plan === null ? undefined : drawOverlay(plan.overlay, colours.change))
      place(overlay, plan?.overlay.box ?? null)
      place(region, plan?.region ?? null)
      masks.batchDraw()
      marks.batchDraw()
    },
    setPreview(painted) {
      preview.image(painted === null ? undefined : drawPreview(painted.plan, painted.image))
      place(preview, painted?.plan.overlay.box ?? null)
      masks.batchDraw()
    },
    resize(size) {
      stage.size(size)
      painter.setStageSize(size)
    },
    dispose() {
      stop()
      stage.destroy()
    },
  }
}

type Scene = ReturnType<typeof createScene>

function createScene(container: HTMLDivElement, colours: ViewColours) {
  const stage = new Konva.Stage({ container, width: container.clientWidth, height: container.clientHeight })
  const pictures = new Konva.Layer({ listening: false, imageSmoothingEnabled: true })
  const masks = new Konva.Layer({ listening: false })
  const marks = new Konva.Layer({ listening: false })
  stage.add(pictures, masks, marks)
  const ground = new Konva.Rect({ fillPatternImage: checkerboard() as unknown as HTMLImageElement })
  const base = new Konva.Image({ image: undefined })
  const strokesShape = new Konva.Shape({ visible: false })
  const candidate = new Konva.Image({ image: undefined, visible: false })
  pictures.add(ground, base, strokesShape, candidate)
  const maskShape = new Konva.Shape()
  const overlay = new Konva.Image({ image: undefined, visible: false })
  const preview = new Konva.Image({ image: undefined, visible: false })
  masks.add(maskShape, overlay, preview)
  const drawn = createMarks(colours)
  const { cursor, hardness, outline, region, frame, grips, grid } = drawn
  marks.add(region, grid, frame, ...grips, outline, cursor, hardness)
  return { stage, pictures, masks, marks, ground, base, strokesShape, candidate, maskShape, overlay, preview, ...drawn }
}

/** Keeps the scene as the editor's document and settings are. */
function createPainter(scene: Scene, editor: Editor, colours: ViewColours, firstSize: Size) {
  let viewport: Viewport = { scale: 1, x: 0, y: 0 }
  let stageSize = firstSize
  let look: MaskLook = 'tint'
  let mask: TiledLayer
  let strokes: TiledLayer | null

  /** As far as it is in sight, at the resolution of the screen. */
  const show = (shape: Konva.Shape, layer: TiledLayer): void => {
    shape.sceneFunc(context => layer.paint(context, viewport, stageSize, devicePixelRatio))
  }

  function showMask(): void {
    mask = createMaskLayer(editor, look, colours.tint)
    show(scene.maskShape, mask)
  }

  /** Everything that depends on the picture's size. */
  function rebuild(): void {
    scene.base.size(sizeOf(wholeBox(editor.document.mask)))
    scene.strokesShape.visible(false)
    showMask()
    strokes = null
    showStrokes(null)
    placeFrame(scene, editor, viewport.scale)
    placeGrid(scene, editor)
  }

  function showStrokes(changed: Box | null): void {
    if (editor.document.strokes === null) return
    if (strokes === null) {
      strokes = createStrokesLayer(editor.document.strokes)
      show(scene.strokesShape, strokes)
      scene.strokesShape.visible(true)
    } else if (changed !== null) strokes.invalidate(changed)
    scene.pictures.batchDraw()
  }

  function follow(change: Change): void {
    const { pictures, masks, marks, outline, stage } = scene
    if (change.kind === 'mask') {
      mask.invalidate(change.box)
      masks.batchDraw()
    } else if (change.kind === 'strokes') showStrokes(change.box)
    else if (change.kind === 'surface') {
      rebuild()
      stage.batchDraw()
    } else if (change.kind === 'frame') {
      placeFrame(scene, editor, viewport.scale)
      pictures.batchDraw()
      marks.batchDraw()
    } else if (change.kind === 'outline') {
      outline.points(editor.outline.flatMap(({ x, y }) => [x, y]))
      marks.batchDraw()
    } else if (change.kind === 'settings') {
      shapeCursor(scene, editor, colours)
      placeFrame(scene, editor, viewport.scale)
      placeGrid(scene, editor)
      marks.batchDraw()
    }
  }

  rebuild()
  shapeCursor(scene, editor, colours)
  return {
    follow,
    setLook(next: MaskLook) {
      if (next === look) return
      look = next
      showMask()
    },
    setViewport(next: Viewport) {
      viewport = next
      placeFrame(scene, editor, viewport.scale)
    },
    setStageSize(next: Size) {
      stageSize = next
    },
  }
}

function placeFrame({ frame, ground, grips }: Scene, editor: Editor, scale: number): void {
  const { frame: box, mask: size } = editor.document
  const isTool = editor.settings.tool === 'frame'
  place(frame, isTool || !isWholePicture(box, size) ? box : null)
  place(ground, grownBox(size, extendOf(box, size)))
  gripsOf(box).forEach(({ x, y }, i) => {
    const side = GRIP / scale
    grips[i]?.setAttrs({ x: x - side / 2, y: y - side / 2, width: side, height: side, visible: isTool })
  })
}

function placeGrid({ grid }: Scene, { document, settings }: Editor): void {
  grid.visible(settings.tool === 'grid')
  if (settings.tool === 'grid') grid.data(gridPath(document.mask, settings.cells))
}

/** The brush as large as it is, and how much of it is hard. */
function shapeCursor(
  { cursor, hardness }: Scene,
  { settings: { tool, brush, colour } }: Editor,
  { line }: ViewColours,
): void {
  const isBrush = tool === 'brush' || tool === 'eraser' || tool === 'sketch' || tool === 'rub'
  cursor.setAttrs({ radius: isBrush ? brush.size / 2 : 0, stroke: tool === 'sketch' ? toHex(colour) : line })
  hardness.radius(isBrush && brush.hardness < 1 ? (brush.size / 2) * brush.hardness : 0)
}

/** What is drawn over the picture: one screen width thick at any zoom. */
function createMarks({ line, lineShadow }: ViewColours) {
  const look = { stroke: line, strokeScaleEnabled: false, strokeWidth: 1.5, shadowColor: lineShadow, shadowBlur: 2 }
  return {
    cursor: new Konva.Circle({ ...look, radius: 0, visible: false }),
    hardness: new Konva.Circle({ ...look, radius: 0, visible: false, dash: [3, 3], strokeWidth: 1, opacity: 0.8 }),
    outline: new Konva.Line({ ...look, points: [], dash: [6, 4], closed: true }),
    region: new Konva.Rect({ ...look, dash: [2, 4], visible: false }),
    frame: new Konva.Rect({ ...look, visible: false }),
    grips: Array.from(
      { length: 8 },
      () =>
        new Konva.Rect({ fill: line, stroke: lineShadow, strokeScaleEnabled: false, strokeWidth: 1, visible: false }),
    ),
    grid: new Konva.Path({ ...look, strokeWidth: 1, shadowBlur: 0, opacity: 0.5, visible: false }),
  }
}

/** Puts a shape on a box; null hides it. */
function place(shape: Konva.Shape, box: Box | null): void {
  shape.visible(box !== null)
  if (box !== null) shape.setAttrs({ x: box.left, y: box.top, ...sizeOf(box) })
}

function gripsOf({ left, top, right, bottom }: Box): Point[] {
  const [xs, ys] = [
    [left, (left + right) / 2, right],
    [top, (top + bottom) / 2, bottom],
  ]
  return ys
    .flatMap((y, row) => xs.map((x, column) => ({ x, y, isMiddle: row === 1 && column === 1 })))
    .filter(g => !g.isMiddle)
}

/** The lines between the cells. */
function gridPath(size: { width: number; height: number }, cells: number): string {
  const grid = gridOf(size, cells)
  const cell = (column: number, row: number): Box => boxOfCell({ column, row }, size, grid)
  const columns = Array.from({ length: grid.columns }, (_, i) => `M${cell(i, 0).right} 0V${size.height}`)
  const rows = Array.from({ length: grid.rows }, (_, i) => `M0 ${cell(0, i).bottom}H${size.width}`)
  return [...columns, ...rows].join('')
}
