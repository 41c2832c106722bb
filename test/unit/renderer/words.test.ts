import { expect, test } from 'vitest'
import { createNotice } from '#contract/notices'
import { createMessages } from '../../../renderer/i18n.ts'
import { errorText, noticeText } from '../../../renderer/words.ts'

const storage = { getItem: () => null } as unknown as Storage
const translator = (language: string) => createMessages(storage, [language]).global
const ERROR = { code: 'storage-full', message: 'The disk of /home/me is full.' } as const
const NOTICE = createNotice('source-cmyk', { source: ['The mask'] })

test('in English an error is said in the words of whoever threw it, in German by its kind', () => {
  expect(errorText(ERROR, translator('en'))).toBe('The disk of /home/me is full.')
  expect(errorText(ERROR, translator('de'))).toBe('Die Festplatte ist voll.')
})

test('a notice is said in the language of the page, also after it was changed', () => {
  const words = translator('en')
  expect(noticeText(NOTICE, words)).toBe('The mask is CMYK and was converted to RGB.')
  words.locale.value = 'de'
  expect(noticeText(NOTICE, words)).toBe('Die Maske ist in CMYK und wurde in RGB umgewandelt.')
})
