/** A text into the clipboard, which a page has only where it was loaded securely: not from another device over plain HTTP. */
import { useI18n } from 'vue-i18n'
import { useNotices } from '../../stores/notices.ts'

export function useCopyText(): (text: string) => Promise<void> {
  const { t } = useI18n()
  const notices = useNotices()
  return async text => {
    try {
      await navigator.clipboard.writeText(text)
      notices.show({ text: t('app.copied'), tone: 'plain' })
    } catch {
      notices.show({ text: t('app.copyFailed'), tone: 'danger' })
    }
  }
}
