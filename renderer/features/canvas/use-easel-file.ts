/** Saves the canvas as an edit file, and opens one. What it holds is decoded here; what it may hold is checked in easel-file.ts. */
import { ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { SOURCE_TYPES } from '#contract/edit'
import { AppError } from '#contract/errors'
import { hasStrokes } from '../../canvas/document.ts'
import type { Editor } from '../../canvas/editor.ts'
import {
  EASEL_FILE,
  readEaselFile,
  writeEaselFile,
  type EaselFile,
  type SavedPicture,
} from '../../canvas/file/easel-file.ts'
import { damaged } from '../../canvas/file/zip.ts'
import { blobOf, type BasePicture } from '../../stores/base-pictures.ts'
import { useCanvas } from '../../stores/canvas.ts'
import { useLayout } from '../../stores/layout.ts'
import { useNotices } from '../../stores/notices.ts'
import { errorText } from '../../words.ts'
import { saveFile } from '../../ui/save-file.ts'
import { maskFromFile, maskToPng, strokesFromFile, strokesToPng } from './mask-png.ts'

export function useEaselFile() {
  const { t, locale } = useI18n()
  const [canvas, layout, notices] = [useCanvas(), useLayout(), useNotices()]
  const isBusy = ref(false)

  async function saveEdit({ document }: Editor): Promise<void> {
    if (isBusy.value) return
    isBusy.value = true
    try {
      const { width, height } = document.mask
      const results = []
      for (const {
        picture,
        place: { extend, area },
        request,
      } of canvas.candidates) {
        results.push({ picture: await savedFrom(picture), place: { extend, area }, request })
      }
      const parts = writeEaselFile({
        width,
        height,
        frame: document.frame,
        view: canvas.viewport,
        maskLook: canvas.maskLook,
        options: { ...canvas.options },
        base: await savedFrom(canvas.baseOf(document.base)),
        mask: await bytesOf(await maskToPng(document.mask)),
        strokes:
          document.strokes !== null && hasStrokes(document)
            ? await bytesOf(await strokesToPng(document.strokes))
            : null,
        results,
      })
      saveFile(new Blob(parts, { type: EASEL_FILE.type }), `edit${EASEL_FILE.extension}`)
    } catch (thrown) {
      explain(thrown)
    } finally {
      isBusy.value = false
    }
  }

  async function openEdit(file: File): Promise<void> {
    try {
      if (file.size > EASEL_FILE.maxBytes) throw damaged(`it has ${file.size} bytes`)
      const saved = await readEaselFile(await bytesOf(file))
      const { width, height } = saved
      const base = toFile(saved.base)
      await checkBase(base, saved)
      const document = {
        base: canvas.nameOf(base),
        mask: await maskFromFile(new Blob([saved.mask]), { width, height }),
        strokes: saved.strokes === null ? null : await strokesFromFile(new Blob([saved.strokes]), { width, height }),
        frame: saved.frame,
      }
      const undo = canvas.putAway()
      canvas.openDocument(document, saved.view)
      if (undo !== null) notices.show({ text: t('canvas.putAway'), tone: 'plain', undo })
      canvas.options = { ...canvas.options, ...saved.options }
      canvas.maskLook = saved.maskLook
      canvas.recall(
        [],
        saved.results.map(({ picture, ...rest }) => ({ picture: toFile(picture), notices: [], ...rest })),
      )
      layout.view = 'canvas'
    } catch (thrown) {
      explain(thrown)
    }
  }

  function explain(thrown: unknown): void {
    const reason = thrown instanceof AppError ? errorText(thrown, { t, locale }) : t('canvas.noPictureFile')
    notices.show({ text: reason, tone: 'danger' })
  }

  return { saveEdit, openEdit, isBusy }
}

async function savedFrom(picture: BasePicture): Promise<SavedPicture> {
  const blob = await blobOf(picture)
  const type = SOURCE_TYPES.find(known => known === blob.type)
  if (type === undefined)
    throw new AppError('invalid-input', `A picture of the type ${blob.type} cannot be saved in an edit.`)
  return { type, data: await bytesOf(blob) }
}

async function bytesOf(blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await blob.arrayBuffer())
}

function toFile({ type, data }: SavedPicture): BasePicture {
  return { kind: 'file', file: new File([data], 'picture', { type }) }
}

async function checkBase(base: BasePicture, { width, height }: EaselFile): Promise<void> {
  const bitmap = await createImageBitmap(await blobOf(base)).catch(() => {
    throw damaged('its picture cannot be decoded')
  })
  const isRight = bitmap.width === width && bitmap.height === height
  bitmap.close()
  if (!isRight) throw damaged(`its picture is not ${width}x${height}`)
}
