/** What can be done with the whole mask, as entries of a menu. */
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Editor } from '../../canvas/editor.ts'
import { useNotices } from '../../stores/notices.ts'
import { blobOf } from '../../stores/base-pictures.ts'
import { useCanvas } from '../../stores/canvas.ts'
import { saveFile } from '../../ui/save-file.ts'
import { chooseFile } from './choose-file.ts'
import { maskFromAlpha, maskFromFile, maskToPng } from './mask-png.ts'

export function useMaskMenu(editor: () => Editor) {
  const { t } = useI18n()
  const [canvas, notices] = [useCanvas(), useNotices()]

  async function load(): Promise<void> {
    const file = await chooseFile('image/*')
    if (file === null) return
    try {
      editor().replaceMask(await maskFromFile(file, editor().document.mask))
    } catch {
      notices.show({ text: t('canvas.noPictureFile'), tone: 'danger' })
    }
  }

  async function takeAlpha(): Promise<void> {
    const { base, mask } = editor().document
    try {
      const alpha = await maskFromAlpha(await blobOf(canvas.baseOf(base)), mask)
      if (alpha === null) notices.show({ text: t('canvas.noAlpha'), tone: 'plain' })
      else editor().replaceMask(alpha)
    } catch {
      notices.show({ text: t('canvas.baseGone'), tone: 'danger' })
    }
  }

  async function save(): Promise<void> {
    saveFile(await maskToPng(editor().document.mask), 'mask.png')
  }

  const items = computed(() => [
    { id: 'invert', label: t('canvas.invert'), keys: 'I', run: () => editor().invert() },
    { id: 'fill', label: t('canvas.fill'), run: () => editor().fill() },
    { id: 'clear', label: t('canvas.clear'), run: () => editor().clear() },
    { id: 'grow', label: t('canvas.grow', canvas.edge), run: () => editor().grow(canvas.edge) },
    { id: 'shrink', label: t('canvas.shrink', canvas.edge), run: () => editor().shrink(canvas.edge) },
    { id: 'feather', label: t('canvas.feather', canvas.edge), run: () => editor().feather(canvas.edge) },
    { id: 'alpha', label: t('canvas.fromAlpha'), run: () => void takeAlpha() },
    { id: 'import', label: t('canvas.importMask'), run: () => void load() },
    { id: 'export', label: t('canvas.exportMask'), run: () => void save() },
  ])
  return { items }
}
