/** What becomes of a file that is dropped on the prompt. Whatever was written before comes back with Undo. */
import { useI18n } from 'vue-i18n'
import { AppError } from '#contract/errors'
import { EDIT_LIMITS } from '#contract/edit'
import { LIMITS } from '#contract/generation'
import { ConnectionError } from '../../api.ts'
import { useDraft } from '../../stores/draft.ts'
import { useLayout } from '../../stores/layout.ts'
import { useNotices } from '../../stores/notices.ts'
import { useSources } from '../../stores/sources.ts'
import { canStart } from '../form/shown-groups.ts'

/** A prompt of the longest kind in four-byte letters, and the settings behind it. */
const TEXT_BYTES = 8 * LIMITS.promptChars

export function useDropped() {
  const { t } = useI18n()
  const [draft, layout, notices, sources] = [useDraft(), useLayout(), useNotices(), useSources()]

  async function take(file: File): Promise<void> {
    const { name } = file
    const before = draft.snapshot()
    const tell = (key: 'dropped' | 'droppedText' | 'droppedPicture') =>
      notices.show({ text: t(`prompt.${key}`, { name }), tone: 'plain', undo: async () => draft.restore(before) })
    const refuse = (key: 'dropTooLarge' | 'dropUnknown' | 'dropNoStart') =>
      notices.show({ text: t(`prompt.${key}`, { name }), tone: 'danger' })

    // Loaded when the first file comes: few people ever drop one.
    const { readDropped } = await import('./read-dropped.ts')
    if (file.size > EDIT_LIMITS.sourceBytes) return refuse('dropTooLarge')
    const found = await readDropped(file, TEXT_BYTES)
    switch (found.kind) {
      case 'request':
        draft.reuse(found.request)
        return tell('dropped')
      case 'settings':
        draft.reusePart(found.input)
        return tell('dropped')
      case 'text':
        draft.setPrompt(found.text)
        return tell('droppedText')
      case 'picture':
        return (await start(file))
          ? tell('droppedPicture')
          : refuse(canStart(draft.model) ? 'dropUnknown' : 'dropNoStart')
      case 'unknown':
        return refuse('dropUnknown')
    }
  }

  async function start(file: File): Promise<boolean> {
    if (!canStart(draft.model)) return false
    try {
      draft.set('edit', { ...draft.values.edit, mask: null, source: await sources.importFile(file) })
      layout.openGroups['start'] = true
      return true
    } catch (thrown) {
      if (thrown instanceof AppError || thrown instanceof ConnectionError) return false
      throw thrown
    }
  }

  return { take }
}
