/** Joins editor and Konva view with an element for as long as the component lives: pictures, viewport, pointer, keys. */
import { useResizeObserver } from '@vueuse/core'
import { onScopeDispose, ref, shallowRef, watch, watchEffect, type Ref } from 'vue'
import type { Box } from '#contract/mask/grey-mask'
import type { Point } from '../../canvas/box.ts'
import { bindKeys } from '../../canvas/bind-keys.ts'
import { bindPointer } from '../../canvas/bind-pointer.ts'
import type { Editor } from '../../canvas/editor.ts'
import { createCanvasView, type CanvasView } from '../../canvas/konva-view.ts'
import { centred, fitView, type Viewport } from '../../canvas/viewport.ts'
import { useCanvas } from '../../stores/canvas.ts'
import { imageUrl } from '../../stores/pictures.ts'

const COLOURS = { tint: [150, 90, 255], line: '#fff', lineShadow: '#000' } as const

export interface CanvasViewOptions {
  editor: Editor
  /** The element that Konva fills; the one around it takes pointers and keys. */
  stage: HTMLDivElement
  surface: HTMLElement
  region: Ref<Box | null>
  onCursor: (at: Point, painted: boolean) => void
}

export function useCanvasView({ editor, stage, surface, region, onCursor }: CanvasViewOptions) {
  const canvas = useCanvas()
  const view: CanvasView = createCanvasView(stage, editor, COLOURS)
  const { width, height } = editor.document.mask
  const viewport = shallowRef<Viewport>(fitView({ width, height }, sizeOf(stage)))
  const isPanning = ref(false)
  watch(viewport, next => view.setViewport(next), { immediate: true })
  watch(region, box => view.setRegion(box), { immediate: true })

  watchEffect(() => view.setMaskLook(canvas.maskLook))
  watchEffect(() => view.setBlend(canvas.blend))

  const setZoom = (to: 'fit' | 'full'): void => {
    const picture = { width, height }
    viewport.value = to === 'fit' ? fitView(picture, sizeOf(stage)) : centred(picture, sizeOf(stage), 1)
  }
  useResizeObserver(stage, () => {
    view.resize(sizeOf(stage))
    setZoom('fit')
  })

  let loaded: ImageBitmap | null = null
  /** Four bytes a pixel: made only for the wand, and once a picture. */
  function offerPixels(): void {
    if (loaded === null || editor.settings.tool !== 'wand') return
    editor.setPixels(pixelsOf(loaded, width, height))
    loaded = null
  }

  async function loadBase(): Promise<void> {
    const { base } = editor.document
    const bitmap = await bitmapOf(canvas.baseOf(base))
    if (editor.document.base !== base) return
    view.setBase(bitmap)
    loaded = bitmap
    editor.setPixels(null)
    offerPixels()
  }
  void loadBase()

  watch(
    () => (canvas.shown === null ? undefined : canvas.candidates[canvas.shown]),
    async id => {
      const bitmap = id === undefined ? null : await bitmapOf({ kind: 'image', id })
      const now = canvas.shown === null ? undefined : canvas.candidates[canvas.shown]
      if (now === id) view.setCandidate(bitmap)
    },
    { immediate: true },
  )

  const stops = [
    editor.onChange(change => {
      if (change.kind === 'base') void loadBase()
      if (change.kind === 'settings') offerPixels()
    }),
    bindPointer({
      element: surface,
      editor,
      viewport: () => viewport.value,
      setViewport: next => (viewport.value = next),
      onHover: at => view.setCursor(at),
      canPaint: () => canvas.shown === null,
      isPanning: () => isPanning.value,
    }),
    bindKeys({
      element: surface,
      editor,
      onPanning: is => (isPanning.value = is),
      onFit: setZoom,
      onCursor(at, painted) {
        view.setCursor(at)
        onCursor(at, painted)
      },
      onArrow: by => canvas.shown !== null && canvas.step(by),
      onMaskLook: () => canvas.nextMaskLook(),
      onLeave: () => canvas.show(null),
    }),
    () => view.dispose(),
  ]
  onScopeDispose(() => stops.forEach(stop => stop()))
  return { isPanning, setZoom, viewport }
}

async function bitmapOf(base: { kind: 'image'; id: string } | { kind: 'file'; file: File }): Promise<ImageBitmap> {
  if (base.kind === 'file') return createImageBitmap(base.file)
  const response = await fetch(imageUrl(base.id))
  return createImageBitmap(await response.blob())
}

/** For the magic wand. */
function pixelsOf(bitmap: ImageBitmap, width: number, height: number) {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })
  if (context === null) return null
  context.drawImage(bitmap, 0, 0)
  return { width, height, data: context.getImageData(0, 0, width, height).data }
}

function sizeOf({ clientWidth, clientHeight }: HTMLElement) {
  return { width: clientWidth, height: clientHeight }
}
