/** Why something did not work, in the user's language, for whoever shows it at a field or beside a button. */
import { useI18n } from 'vue-i18n'
import { AppError } from '#contract/errors'
import { ConnectionError } from '../../api.ts'
import { errorText } from '../../words.ts'

/** What is neither the host's error nor a lost connection is a fault of the page and thrown again. */
export function useFailureText(): (thrown: unknown) => string {
  const { t, locale } = useI18n()
  return thrown => {
    if (thrown instanceof ConnectionError) return t('generate.offline')
    if (thrown instanceof AppError) return errorText(thrown, { t, locale })
    throw thrown
  }
}
