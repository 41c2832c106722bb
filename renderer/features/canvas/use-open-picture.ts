/** Puts a picture on the canvas: one of the gallery, or a file from this computer. */
import { useI18n } from 'vue-i18n'
import { EDIT_LIMITS } from '#contract/edit'
import type { ImageRecord } from '#contract/gallery'
import type { BasePicture } from '../../stores/base-pictures.ts'
import { useCanvas } from '../../stores/canvas.ts'
import { useLayout } from '../../stores/layout.ts'
import { useNotices } from '../../stores/notices.ts'

const MEGA = 2 ** 20
const LARGEST = { megabytes: EDIT_LIMITS.sourceBytes / MEGA, megapixels: EDIT_LIMITS.sourcePixels / MEGA }

export function useOpenPicture() {
  const { t } = useI18n()
  const [canvas, layout, notices] = [useCanvas(), useLayout(), useNotices()]

  function open(base: BasePicture, size: { width: number; height: number }): void {
    const undo = canvas.putAway()
    canvas.open(base, size)
    if (undo !== null) notices.show({ text: t('canvas.putAway'), tone: 'plain', undo })
  }

  function openImage(image: ImageRecord): void {
    open({ kind: 'image', id: image.id }, image)
    layout.view = 'canvas'
  }

  async function openFile(file: File): Promise<void> {
    try {
      const bitmap = await createImageBitmap(file)
      const { width, height } = bitmap
      bitmap.close()
      if (file.size > EDIT_LIMITS.sourceBytes || width * height > EDIT_LIMITS.sourcePixels) {
        notices.show({ text: t('canvas.tooLarge', LARGEST), tone: 'danger' })
      } else open({ kind: 'file', file }, { width, height })
    } catch {
      notices.show({ text: t('canvas.noPictureFile'), tone: 'danger' })
    }
  }

  return { openImage, openFile }
}
