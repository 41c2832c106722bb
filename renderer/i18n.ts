/** Chooses the language (the user's choice, else the system's, else English) and hands out the messages. */
import { createI18n } from 'vue-i18n'
import { de } from './locales/de.ts'
import { en, type Messages } from './locales/en.ts'

export const LANGUAGES = ['en', 'de'] as const
export type Language = (typeof LANGUAGES)[number]
const CHOICE_KEY = 'easel.language'

declare module 'vue-i18n' {
  export interface DefineLocaleMessage extends Messages {}
}

export function createMessages(storage: Storage, preferred: readonly string[]) {
  return createI18n({
    legacy: false,
    locale: chosenLanguage(storage) ?? systemLanguage(preferred),
    fallbackLocale: 'en',
    messages: { en, de },
  })
}

/** null: goes with the system. */
export function chosenLanguage(storage: Storage): Language | null {
  return LANGUAGES.find(language => language === storage.getItem(CHOICE_KEY)) ?? null
}

export function chooseLanguage(storage: Storage, language: Language | null): void {
  if (language === null) storage.removeItem(CHOICE_KEY)
  else storage.setItem(CHOICE_KEY, language)
}

export function systemLanguage(preferred: readonly string[]): Language {
  const bases = preferred.map(tag => tag.split('-')[0])
  return bases.flatMap(base => LANGUAGES.filter(language => language === base))[0] ?? 'en'
}
