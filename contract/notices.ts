/**
 * What the user should know although it worked, as a code and the facts of the case, so that every view says it in its own
 * language. The English texts stand here, for the command line, the log and the page alike; another language has a record
 * of the same keys (renderer/locales).
 */
import { z } from 'zod'

const CLOSED = '{closed} made room for {opened} and is opened again when it is needed, which takes time.'
const OVERFLOW = 'The picture decoder gave values that are no numbers, which are black in the picture.'
const WIDER =
  'file vae_decoder/model.onnx computes with 16-bit floats: choose another autoencoder for this model, or its export with a 32-bit vae_decoder.'

/** `{name}` is filled in with the fact of that name. */
export const NOTICE_TEXTS = {
  /** Of a file that an earlier version wrote. */
  other: '{text}',
  'memory-ran-short': `Memory ran short: ${CLOSED}`,
  'memory-is-short': `Memory is short: ${CLOSED}`,
  'memory-limit': `More than {megabytes} MB would be needed: ${CLOSED}`,
  'memory-moved-on': 'Memory ran short on {from}: {graphs} goes on on {to}.',
  'memory-row-by-row':
    'Memory ran short: the prompt and the negative prompt are computed one after the other, which takes longer.',
  'memory-decoded-in-tiles':
    'Memory ran short: the picture is decoded in tiles of {pixels} pixels, whose colours can differ a little.',
  'memory-encoded-in-tiles':
    'Memory ran short: the picture is encoded in tiles of {pixels} pixels, whose colours can differ a little.',
  'memory-enlarged-in-tiles': 'Memory ran short: the picture is made larger in tiles of {pixels} pixels.',
  'memory-processor': 'Memory ran out with {provider}, so the processor computes it.',
  'provider-missing': '{provider} cannot be used here, so the processor computes it. ({reason})',
  'provider-refused': '{provider} cannot open {file}, so the processor computes it. ({reason})',
  'decoder-overflow': `${OVERFLOW} Its ${WIDER}`,
  'decoder-overflow-declared': `${OVERFLOW} Its config asks for 32 bits (force_upcast), and its ${WIDER}`,
  'size-cropped': 'Rendered at {rendered} and cropped to {asked}: this model cannot make that size.',
  'text-cut': 'The last {tokens} tokens of the {prompt} were left out: this model reads {room}.',
  'text-cut-windows':
    'This model takes a fixed number of words: the last {tokens} tokens of the {prompt} were left out.',
  'text-cut-no-t5': 'The last {tokens} tokens of the {prompt} were left out: without T5 this model reads one window.',
  'embedding-unused': 'The embedding {name} is not used: {reason}.',
  'lora-parts-unused': '{file}: {unused} of its {all} parts are not used, as this model has none for them ({example}).',
  'lora-tensors-unused': '{file}: {unused} of its tensors are not used, as they are no part of a LoRA ({example}).',
  'source-depth': '{source} has more than 8 bits a channel and was reduced to 8.',
  'source-cmyk': '{source} is CMYK and was converted to RGB.',
  'source-palette': '{source} has a palette and was converted to full colour.',
  'source-turned': '{source} was turned upright.',
  'source-frames': '{source} has several frames; the first one was taken.',
  'source-flattened': 'Transparent parts of the picture were put on white.',
  'mask-stretched': "The mask is {mask} and was stretched to the picture's {picture}.",
  resumed: 'Went on behind step {step}, where it was interrupted.',
  'engine-restarted': '{reason} It was started again and the job went on. {relief}',
  'closed-meanwhile': 'Easel was closed while this ran; it was taken up again.',
  'closed-after': 'Easel was closed while this ran; it went on after picture {done} of {all}.',
  'settings-unreadable': 'The settings in {file} cannot be read ({reason}).',
  'settings-damaged': 'The settings were damaged and start anew; the old file is {copy}.',
  'setting-unused': 'The setting {setting} was {value} and is not used ({problem}).',
  'presets-damaged': 'The presets were damaged and start anew; the old file is {copy}.',
  'index-rebuilt':
    'The database was damaged. It was moved to {copy} and the gallery rebuilt from {pictures} picture files; favourites and the queue are lost.',
  'index-failed': 'The gallery could not be rebuilt from its files: {reason}',
} as const
export type NoticeCode = keyof typeof NOTICE_TEXTS

/** Words that stand in a fact as a list and have a translation; others (a ControlNet's name) are shown as they are. */
export const NOTICE_WORDS = [
  'prompt',
  'negative prompt',
  'The picture',
  'The mask',
  'The sketch',
  'the text encoder',
  'the picture encoder',
  'the picture decoder',
  'the denoising network',
  'the processor',
  'Its networks are now in memory one at a time.',
  'The prompt and the negative prompt are now computed one after the other.',
  'Pictures are now decoded in tiles.',
  'The processor computes it now.',
] as const
export type NoticeWord = (typeof NOTICE_WORDS)[number]

const noticeFactSchema = z.union([z.string(), z.number(), z.array(z.string())])
type NoticeFact = z.infer<typeof noticeFactSchema>

export interface Notice {
  code: NoticeCode
  facts: Record<string, NoticeFact>
}

/** Earlier versions kept the English sentence alone. */
export const noticeSchema: z.ZodType<Notice> = z.union([
  z.object({
    code: z.enum(Object.keys(NOTICE_TEXTS) as NoticeCode[]),
    facts: z.record(z.string(), noticeFactSchema),
  }),
  z.string().transform((text): Notice => ({ code: 'other', facts: { text } })),
])

type PlacesIn<Text extends string> = Text extends `${string}{${infer Place}}${infer Rest}`
  ? Place | PlacesIn<Rest>
  : never

/** Exactly the facts that the text of this code has places for. */
export type FactsOf<Code extends NoticeCode> = Record<PlacesIn<(typeof NOTICE_TEXTS)[Code]>, NoticeFact>

export function createNotice<Code extends NoticeCode>(code: Code, facts: FactsOf<Code>): Notice {
  return { code, facts }
}

export interface NoticeLanguage {
  texts: Readonly<Record<NoticeCode, string>>
  words: Readonly<Partial<Record<string, string>>>
  /** Of Intl: for lists of words. */
  locale: string
}

export const ENGLISH_NOTICES: NoticeLanguage = { texts: NOTICE_TEXTS, words: {}, locale: 'en-GB' }

export function sayNotice({ code, facts }: Notice, { texts, words, locale }: NoticeLanguage = ENGLISH_NOTICES): string {
  const list = new Intl.ListFormat(locale, { type: 'conjunction' })
  const say = (fact: NoticeFact): string =>
    Array.isArray(fact) ? list.format(fact.map(word => words[word] ?? word)) : String(fact)
  return texts[code].replaceAll(/\{(\w+)\}/g, (place, name: string) => say(facts[name] ?? place)).trim()
}

/** Notices in the order in which they came, each once. */
export function createNoticeList(first: readonly Notice[] = []) {
  const byText = new Map(first.map(notice => [JSON.stringify(notice), notice]))
  return {
    /** Whether it was new. */
    add(notice: Notice): boolean {
      const key = JSON.stringify(notice)
      const isNew = !byText.has(key)
      byText.set(key, notice)
      return isNew
    },
    all: (): Notice[] => [...byText.values()],
    clear: (): void => byText.clear(),
  }
}

export function withoutRepeats(notices: readonly Notice[]): Notice[] {
  return createNoticeList(notices).all()
}
