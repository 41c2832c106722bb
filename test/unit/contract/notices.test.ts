import { describe, expect, test } from 'vitest'
import {
  createNotice,
  createNoticeList,
  NOTICE_TEXTS,
  NOTICE_WORDS,
  noticeSchema,
  sayNotice,
  withoutRepeats,
} from '#contract/notices'
import { GERMAN_NOTICES } from '../../../renderer/locales/notices.de.ts'

const placesIn = (text: string) => [...new Set(text.match(/\{\w+\}/g))].toSorted()

test('a notice is said with its facts filled in, lists of words as a list', () => {
  const facts = { closed: ['the text encoder', 'the picture encoder'], opened: ['the denoising network'] }
  expect(sayNotice(createNotice('memory-ran-short', facts))).toBe(
    'Memory ran short: the text encoder and the picture encoder made room for the denoising network and is opened again when it is needed, which takes time.',
  )
})

test('a fact that looks like a place, and a list without words, are said as they are', () => {
  expect(sayNotice(createNotice('engine-restarted', { reason: 'Lost {relief}.', relief: [] }))).toBe(
    'Lost {relief}. It was started again and the job went on.',
  )
})

describe('German', () => {
  test('has the same places in every text as English', () => {
    for (const [code, text] of Object.entries(NOTICE_TEXTS)) {
      expect(placesIn(GERMAN_NOTICES.texts[code as keyof typeof NOTICE_TEXTS]), code).toEqual(placesIn(text))
    }
  })

  test('has a word for every word, and leaves names that are no words alone', () => {
    expect(NOTICE_WORDS.filter(word => GERMAN_NOTICES.words[word] === undefined)).toEqual([])
    const notice = createNotice('memory-moved-on', { from: 'cuda', graphs: ['canny'], to: ['the processor'] })
    expect(sayNotice(notice, GERMAN_NOTICES)).toBe(
      'Der Speicher wurde knapp auf cuda: canny läuft weiter auf dem Prozessor.',
    )
  })
})

test('a sentence that an earlier version kept is still said', () => {
  const [old, now] = ['The picture was turned upright.', createNotice('source-turned', { source: ['The picture'] })]
  expect(sayNotice(noticeSchema.parse(old))).toBe(old)
  expect(noticeSchema.parse(JSON.parse(JSON.stringify(now)))).toEqual(now)
  expect(noticeSchema.safeParse({ code: 'unheard-of', facts: {} }).success).toBe(false)
})

test('a list of notices keeps each once, in the order in which they came', () => {
  const [first, second] = [createNotice('resumed', { step: 3 }), createNotice('resumed', { step: 4 })]
  const list = createNoticeList()
  expect([first, second, { ...first }].map(notice => list.add(notice))).toEqual([true, true, false])
  expect(withoutRepeats([first, second, { ...first }])).toEqual([first, second])
})
