/** What can be done with the whole mask, as entries of a menu. */
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Editor } from '../../canvas/editor.ts'
import { useNotices } from '../../stores/notices.ts'
import { maskFromFile, maskToPng } from './mask-png.ts'

/** Enough to see, little enough to do it again. */
const STEP = 8

export function useMaskMenu(editor: () => Editor) {
  const { t } = useI18n()
  const notices = useNotices()

  async function load(): Promise<void> {
    const [file] = await chooseFile('image/*')
    if (file === undefined) return
    try {
      editor().replaceMask(await maskFromFile(file, editor().document.mask))
    } catch {
      notices.show({ text: t('canvas.noPictureFile'), tone: 'danger' })
    }
  }

  async function save(): Promise<void> {
    const url = URL.createObjectURL(await maskToPng(editor().document.mask))
    const link = document.createElement('a')
    link.href = url
    link.download = 'mask.png'
    link.click()
    URL.revokeObjectURL(url)
  }

  const items = computed(() => [
    { id: 'invert', label: t('canvas.invert'), keys: 'I', run: () => editor().invert() },
    { id: 'fill', label: t('canvas.fill'), run: () => editor().fill() },
    { id: 'clear', label: t('canvas.clear'), run: () => editor().clear() },
    { id: 'grow', label: t('canvas.grow'), run: () => editor().grow(STEP) },
    { id: 'shrink', label: t('canvas.shrink'), run: () => editor().shrink(STEP) },
    { id: 'feather', label: t('canvas.feather'), run: () => editor().feather(STEP) },
    { id: 'import', label: t('canvas.importMask'), run: () => void load() },
    { id: 'export', label: t('canvas.exportMask'), run: () => void save() },
  ])
  return { items }
}

function chooseFile(accept: string): Promise<File[]> {
  const input = document.createElement('input')
  input.type = 'file'
  input.accept = accept
  return new Promise(resolve => {
    input.onchange = () => resolve([...(input.files ?? [])])
    input.oncancel = () => resolve([])
    input.click()
  })
}
