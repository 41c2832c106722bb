/** Joins editor and Konva view with an element for as long as the component lives: pictures, viewport, pointer, keys. */
import { useResizeObserver } from '@vueuse/core'
import { computed, onScopeDispose, ref, watch, watchEffect, type Ref } from 'vue'
import type { Box } from '#contract/mask/grey-mask'
import { isSameBox, type Point, type Size } from '../../canvas/box.ts'
import { bindKeys } from '../../canvas/bind-keys.ts'
import { bindPointer } from '../../canvas/bind-pointer.ts'
import type { Editor } from '../../canvas/editor.ts'
import { extendOf, grownBox } from '../../canvas/frame.ts'
import { createCanvasView } from '../../canvas/konva-view.ts'
import type { ChangePlan } from '../../canvas/plan-change.ts'
import { sidesAt } from '../../canvas/tools/frame-tool.ts'
import type { PointerInput } from '../../canvas/tools/tool.ts'
import { centred, fitView, toPicture, zoomAt, type Viewport } from '../../canvas/viewport.ts'
import { useCanvas } from '../../stores/canvas.ts'
import { useBrushCursor } from './use-brush-cursor.ts'
import { useCanvasPictures } from './use-canvas-pictures.ts'

const COLOURS = { tint: [150, 90, 255], change: [255, 170, 40], line: '#fff', lineShadow: '#000' } as const

export interface CanvasViewOptions {
  editor: Editor
  /** The element that Konva fills; the one around it takes pointers and keys. */
  stage: HTMLDivElement
  surface: HTMLElement
  /** What floats over the upper and over the lower end of the stage. */
  floating: { top: HTMLElement; bottom: HTMLElement }
  plan: Ref<ChangePlan | null>
  onCursor: (at: Point, painted: boolean) => void
}

export function useCanvasView({ editor, stage, surface, floating, plan, onCursor }: CanvasViewOptions) {
  const canvas = useCanvas()
  const view = createCanvasView(stage, editor, COLOURS)
  const isPanning = ref(false)

  /** The picture and what will be painted on beyond it. */
  const whole = () => {
    const { frame, mask } = editor.document
    return grownBox(mask, extendOf(frame, mask))
  }
  const covered = () => ({ top: floating.top.clientHeight + GAP, bottom: floating.bottom.clientHeight + GAP })
  const fitted = () => fitView(whole(), sizeOfElement(stage), covered())
  const viewport = computed({
    get: () => canvas.viewport ?? fitted(),
    set: next => (canvas.viewport = next),
  })
  canvas.viewport ??= fitted()
  watch(viewport, next => view.setViewport(next), { immediate: true })
  watchEffect(() => view.setMaskLook(canvas.maskLook))
  watchEffect(() => view.setBlend(canvas.blend))
  watchEffect(() => view.setPlan(canvas.isChangeShown && canvas.shown === null ? plan.value : null))

  const setZoom = (to: 'fit' | 'full'): void => {
    viewport.value = to === 'fit' ? fitted() : centred(whole(), sizeOfElement(stage), 1, covered())
  }
  let seen = sizeOfElement(stage)
  useResizeObserver(stage, () => {
    const now = sizeOfElement(stage)
    view.resize(now)
    if (now.width !== seen.width || now.height !== seen.height) setZoom('fit')
    seen = now
  })

  useCanvasPictures(editor, view)
  const cursor = useBrushCursor(editor, view, () => {
    const [{ width, height }, { top, bottom }] = [sizeOfElement(stage), covered()]
    return toPicture(viewport.value, { x: width / 2, y: (height + top - bottom) / 2 })
  })
  let [size, frame] = [sizeOfPicture(editor), editor.document.frame]
  const stops = [
    editor.onChange(({ kind }) => {
      const now = sizeOfPicture(editor)
      if (kind === 'surface' && (now.width !== size.width || now.height !== size.height)) setZoom('fit')
      size = now
      if (kind === 'history' && !isSameBox(frame, editor.document.frame)) {
        frame = editor.document.frame
        if (!isInSight(frame, viewport.value, sizeOfElement(stage))) setZoom('fit')
      }
    }),
    bindPointer({
      element: surface,
      editor,
      viewport: () => viewport.value,
      setViewport: next => (viewport.value = next),
      onHover(at) {
        cursor.move(at)
        surface.style.cursor = cursorFor(editor, at)
      },
      canPaint: () => canvas.shown === null,
      isPanning: () => isPanning.value,
    }),
    bindKeys({
      element: surface,
      editor,
      onPanning: is => (isPanning.value = is),
      onFit: setZoom,
      onZoom(factor) {
        const { width, height } = sizeOfElement(stage)
        viewport.value = zoomAt(viewport.value, { x: width / 2, y: height / 2 }, factor)
      },
      onCursor(at, painted) {
        cursor.move(at)
        onCursor(at, painted)
      },
      onArrow: by => canvas.shown !== null && canvas.step(by),
      onMaskLook: () => canvas.nextMaskLook(),
      onChangeLook: () => (canvas.isChangeShown = !canvas.isChangeShown),
      onLeave: () => canvas.show(null),
    }),
    () => view.dispose(),
  ]
  onScopeDispose(() => stops.forEach(stop => stop()))
  return { isPanning, setZoom }
}

/** Between the tool bars and the stage's edge. */
const GAP = 12

/** Over the frame: what a drag would do. Elsewhere the style sheet decides. */
function cursorFor({ settings, document }: Editor, at: PointerInput | null): string {
  if (settings.tool !== 'frame' || at === null) return ''
  const sides = sidesAt(document.frame, at)
  if (sides.length === 4) return 'move'
  if (sides.length === 2) return sides.includes('left') === sides.includes('top') ? 'nwse-resize' : 'nesw-resize'
  return sides.length === 0 ? 'default' : sides[0] === 'left' || sides[0] === 'right' ? 'ew-resize' : 'ns-resize'
}

function isInSight({ left, top, right, bottom }: Box, { scale, x, y }: Viewport, stage: Size): boolean {
  const isAcross = left * scale + x >= 0 && right * scale + x <= stage.width
  return isAcross && top * scale + y >= 0 && bottom * scale + y <= stage.height
}

function sizeOfElement({ clientWidth, clientHeight }: HTMLElement): Size {
  return { width: clientWidth, height: clientHeight }
}

function sizeOfPicture({ document: { mask } }: Editor): Size {
  return { width: mask.width, height: mask.height }
}
