/** Does what was asked for and tells it when it did not work; for actions that have no field to mark. */
import { useI18n } from 'vue-i18n'
import { AppError, toErrorPayload } from '#contract/errors'
import { ConnectionError } from '../../api.ts'
import { useNotices } from '../../stores/notices.ts'

/** Resolves to whether it worked. What is neither the host's error nor a lost connection is a fault of the page and thrown. */
export function useReport(): (work: () => Promise<unknown>) => Promise<boolean> {
  const { t, locale } = useI18n()
  const notices = useNotices()
  /** Messages are written in English; elsewhere the kind of the error is said. */
  const sentence = (error: AppError) =>
    locale.value === 'en' ? error.message : `${t(`errors.${toErrorPayload(error).code}`)}.`

  return async work => {
    try {
      await work()
      return true
    } catch (thrown) {
      if (thrown instanceof ConnectionError) notices.show({ text: t('generate.offline'), tone: 'danger' })
      else if (thrown instanceof AppError) notices.show({ text: sentence(thrown), tone: 'danger' })
      else throw thrown
      return false
    }
  }
}
