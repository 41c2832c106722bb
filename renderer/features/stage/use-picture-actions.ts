/** Everything that can be done with a finished picture, in one place for its buttons, its menu and the shortcuts. */
import { useI18n } from 'vue-i18n'
import type { ImageRecord } from '#contract/gallery'
import type { GenerationInput } from '#contract/generation'
import { useDialogs } from '../../stores/dialogs.ts'
import { useDraft } from '../../stores/draft.ts'
import { useNotices } from '../../stores/notices.ts'
import { imageUrl, usePictures } from '../../stores/pictures.ts'
import { useStudio } from '../../stores/studio.ts'
import { drawSeed } from '../form/draw-seed.ts'
import { useGenerate } from '../generate/use-generate.ts'

/** How much of a second seed's noise is mixed in. */
export const VARY = { subtle: 0.12, strong: 0.35 } as const
const VARIATIONS = 4

export function usePictureActions() {
  const { t } = useI18n()
  const [draft, notices, pictures, studio] = [useDraft(), useNotices(), usePictures(), useStudio()]
  const dialogs = useDialogs()
  const { submit } = useGenerate()

  async function remove(images: readonly ImageRecord[]): Promise<void> {
    const ids = images.map(image => image.id)
    const shown = studio.selection
    studio.moveOff(ids)
    const deleted = await pictures.remove(ids)
    notices.show({
      text: t('picture.deleted', deleted.length),
      tone: 'plain',
      undo: async () => {
        await pictures.restore(deleted)
        studio.selection = shown
      },
    })
  }

  /** Four pictures beside this one: its own seed with the noise of four others mixed in. */
  async function vary(image: ImageRecord, strength: number): Promise<void> {
    for (let i = 0; i < VARIATIONS; i += 1) {
      const input: GenerationInput = { ...image.request, variationSeed: drawSeed(), variationStrength: strength }
      await submit(input)
    }
  }

  function download(image: ImageRecord): void {
    const link = document.createElement('a')
    link.href = imageUrl(image.id)
    link.download = image.fileName.split('/').at(-1) ?? image.id
    link.click()
  }

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
  function compare(): void {
    const other = neighbour()
    if (studio.picture !== null && other !== null) dialogs.compared = [other, studio.picture]
  }

  return {
    neighbour,
    compare,
    remove,
    vary,
    download,
    copy,
    toggleFavourite: (image: ImageRecord) => pictures.setFavourite(image.id, !image.favourite),
    reusePrompt(image: ImageRecord) {
      draft.setPrompt(image.request.prompt)
      draft.set('negativePrompt', image.request.negativePrompt)
    },
    reuseSeed: (image: ImageRecord) => draft.lockSeed(image.request.seed),
    reuseAll: (image: ImageRecord) => draft.reuse(image.request),
  }
}

/** The clipboard takes PNG only. */
async function toPng(image: ImageRecord): Promise<Blob> {
  const blob = await (await fetch(imageUrl(image.id))).blob()
  if (blob.type === 'image/png') return blob
  const canvas = new OffscreenCanvas(image.width, image.height)
  canvas.getContext('2d')?.drawImage(await createImageBitmap(blob), 0, 0)
  return canvas.convertToBlob({ type: 'image/png' })
}
