/** The pictures of the canvas's view: the base, a result in its place, and their pixels for the wand and the eyedropper. */
import { onScopeDispose, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Preview } from '#contract/jobs'
import { wholeBox } from '../../canvas/box.ts'
import type { Editor } from '../../canvas/editor.ts'
import { grownBox } from '../../canvas/frame.ts'
import type { CanvasView } from '../../canvas/konva-view.ts'
import type { Colour } from '../../canvas/paint-strokes.ts'
import { blobOf } from '../../stores/base-pictures.ts'
import { useCanvas } from '../../stores/canvas.ts'
import { useNotices } from '../../stores/notices.ts'

export function useCanvasPictures(editor: Editor, view: CanvasView): void {
  const { t } = useI18n()
  const [canvas, notices] = [useCanvas(), useNotices()]
  let base: ImageBitmap | null = null
  let hasPixels = false

  /** Four bytes a pixel: made only for the wand, and once a picture. */
  function offerPixels(): void {
    if (base === null || hasPixels || editor.settings.tool !== 'wand') return
    editor.setPicture({ pixels: pixelsOf(base) })
    hasPixels = true
  }

  async function loadBase(): Promise<void> {
    const name = editor.document.base
    editor.setPicture({ pixels: null, colourOf: () => null })
    hasPixels = false
    const bitmap = await decode(async () => blobOf(canvas.baseOf(name)))
    if (editor.document.base !== name) {
      bitmap?.close()
      return
    }
    view.setBase(bitmap)
    base?.close()
    base = bitmap
    if (bitmap !== null) editor.setPicture({ colourOf: createColourReader(bitmap) })
    offerPixels()
  }

  /** Null, with a word to the user, when it cannot be shown. */
  async function decode(read: () => Promise<Blob>): Promise<ImageBitmap | null> {
    try {
      return await createImageBitmap(await read())
    } catch {
      notices.show({ text: t('canvas.baseGone'), tone: 'danger' })
      return null
    }
  }

  let shown: ImageBitmap | null = null
  watch(
    () => canvas.currentName,
    async name => {
      const candidate = canvas.current
      const bitmap = candidate === null ? null : await decode(() => blobOf(candidate.picture))
      const isStill = canvas.currentName === name
      if (isStill) {
        const { mask } = editor.document
        view.setCandidate(bitmap, candidate === null ? wholeBox(mask) : grownBox(mask, candidate.place.extend))
      }
      const old = isStill ? shown : bitmap
      if (isStill) shown = bitmap
      old?.close()
    },
    { immediate: true },
  )

  watch(
    () => canvas.inWork,
    async inWork => {
      const image = inWork === null ? null : await decodePreview(inWork.preview)
      if (canvas.inWork !== inWork) return
      view.setPreview(image === null || inWork === null ? null : { image, plan: inWork.plan })
    },
    { immediate: true },
  )

  const stop = editor.onChange(({ kind }) => {
    if (kind === 'surface') void loadBase()
    if (kind === 'settings') offerPixels()
  })
  onScopeDispose(() => {
    stop()
    base?.close()
    shown?.close()
    editor.setPicture({ pixels: null, colourOf: () => null })
  })
  void loadBase()
}

/** Null for one that cannot be shown: the next one is there in a moment. */
async function decodePreview({ mediaType, base64 }: Preview): Promise<HTMLImageElement | null> {
  const image = new Image()
  image.src = `data:${mediaType};base64,${base64}`
  return image.decode().then(
    () => image,
    () => null,
  )
}

function pixelsOf(bitmap: ImageBitmap) {
  const { width, height } = bitmap
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })
  if (context === null) return null
  context.drawImage(bitmap, 0, 0)
  return { width, height, data: context.getImageData(0, 0, width, height).data }
}

/** One pixel at a time, without holding them all. */
function createColourReader(bitmap: ImageBitmap): (x: number, y: number) => Colour | null {
  const context = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })
  return (x, y) => {
    if (context === null || x < 0 || y < 0 || x >= bitmap.width || y >= bitmap.height) return null
    context.clearRect(0, 0, 1, 1)
    context.drawImage(bitmap, x, y, 1, 1, 0, 0, 1, 1)
    const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data
    return [red, green, blue]
  }
}
