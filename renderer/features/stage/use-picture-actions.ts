/** What can be done with a finished picture itself, in one place for its buttons, its menus and the shortcuts. */
import { useI18n } from 'vue-i18n'
import type { ImageRecord } from '#contract/gallery'
import { useClient } from '../../stores/client.ts'
import { useDialogs } from '../../stores/dialogs.ts'
import { useDraft } from '../../stores/draft.ts'
import { useLayout } from '../../stores/layout.ts'
import { useNotices } from '../../stores/notices.ts'
import { imageUrl, usePictures } from '../../stores/pictures.ts'
import { useStudio } from '../../stores/studio.ts'
import { saveUrl } from '../../ui/save-file.ts'
import { useReport } from '../shell/use-report.ts'
import { useDerive } from './use-derive.ts'

export function usePictureActions() {
  const { t } = useI18n()
  const [client, dialogs, draft, notices] = [useClient(), useDialogs(), useDraft(), useNotices()]
  const [layout, pictures, studio] = [useLayout(), usePictures(), useStudio()]
  const report = useReport()

  /** Into the bin; the notice brings them back. */
  const remove = (images: readonly ImageRecord[]) =>
    report(async () => {
      const ids = images.map(image => image.id)
      const shown = studio.selection
      studio.moveOff(ids)
      const removal = pictures.remove(ids)
      const undo = async () => {
        const isBack = await report(async () => pictures.restore(await removal))
        if (isBack) studio.selection = shown
      }
      // At once: Ctrl+Z right behind Delete came before the answer, and was lost.
      notices.show({ text: t('picture.deleted', ids.length), tone: 'plain', undo })
      await removal
    })

  /** Back from the bin. */
  const restore = (images: readonly ImageRecord[]) => report(() => pictures.restore(images.map(({ id }) => id)))
  const purge = (images: readonly ImageRecord[]) =>
    report(() => client.call('gallery.purge', { ids: images.map(({ id }) => id) }))

  async function copy(image: ImageRecord): Promise<void> {
    try {
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': toPng(image) })])
      notices.show({ text: t('app.copied'), tone: 'plain' })
    } catch {
      notices.show({ text: t('picture.copyFailed'), tone: 'danger' })
    }
  }

  /** What the shown picture is compared with: the one before it in the strip, for the first one the one behind it. */
  function neighbour(): ImageRecord | null {
    const at = studio.strip.findIndex(image => image.id === studio.picture?.id)
    return at < 0 ? null : (studio.strip[at === 0 ? 1 : at - 1] ?? null)
  }

  return {
    ...useDerive(),
    neighbour,
    compare() {
      const other = neighbour()
      if (studio.picture !== null && other !== null) dialogs.compared = [other, studio.picture]
    },
    remove,
    restore,
    purge,
    emptyBin: () => report(() => client.call('gallery.emptyBin', {})),
    copy,
    download,
    downloadAll: (images: readonly ImageRecord[]) => images.forEach(download),
    favourAll: (images: readonly ImageRecord[]) =>
      report(() => Promise.all(images.map(({ id }) => pictures.setFavourite(id, true)))),
    showFile: (image: ImageRecord) =>
      report(async () => {
        const { path, isShown } = await client.call('gallery.showFile', { id: image.id })
        if (!isShown) dialogs.filePath = path
      }),
    toggleFavourite: (image: ImageRecord) => report(() => pictures.setFavourite(image.id, !image.favourite)),
    reusePrompt(image: ImageRecord) {
      layout.view = 'studio'
      draft.reuseWords(image.request)
    },
    reuseSeed(image: ImageRecord) {
      layout.view = 'studio'
      draft.lockSeed(image.request.seed)
    },
    reuseAll(image: ImageRecord) {
      layout.view = 'studio'
      draft.reuse(image.request)
    },
  }
}

function download({ id, fileName }: ImageRecord): void {
  saveUrl(imageUrl(id), fileName.split('/').at(-1) ?? id)
}

/** The clipboard takes PNG only. */
async function toPng(image: ImageRecord): Promise<Blob> {
  const blob = await (await fetch(imageUrl(image.id))).blob()
  if (blob.type === 'image/png') return blob
  const canvas = new OffscreenCanvas(image.width, image.height)
  canvas.getContext('2d')?.drawImage(await createImageBitmap(blob), 0, 0)
  return canvas.convertToBlob({ type: 'image/png' })
}
