/** What the host says, in the user's language: its errors by their kind, its notices by their code. */
import type { ErrorCode, ErrorPayload } from '#contract/errors'
import { ENGLISH_NOTICES, sayNotice, type Notice, type NoticeLanguage } from '#contract/notices'
import type { Language } from './i18n.ts'
import { GERMAN_NOTICES } from './locales/notices.de.ts'

/** What is asked of vue-i18n, as a component and the page's start both have it. */
export interface Translator {
  t(key: `errors.${ErrorCode}`): string
  locale: { value: string }
}

const NOTICES: Record<Language, NoticeLanguage> = { en: ENGLISH_NOTICES, de: GERMAN_NOTICES }

export function noticeText(notice: Notice, { locale }: Pick<Translator, 'locale'>): string {
  return sayNotice(notice, Object.entries(NOTICES).find(([language]) => language === locale.value)?.[1])
}

/** Messages are written in English; in another language the kind of the error is said, and the message is for a fold-out. */
export function errorText(
  { code, message }: Pick<ErrorPayload, 'code' | 'message'>,
  { t, locale }: Translator,
): string {
  return locale.value === 'en' ? message : `${t(`errors.${code}`)}.`
}
