/**
 * CLIP's own tokenizer, for checkpoints in one file, which do not bring it along. Its vocabulary follows from the list of
 * merges: 256 bytes, the same at a word's end, what each pair makes, and the two tokens around a text.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '#contract/errors'
import { CLIP_VOCABULARY } from '#graph/checkpoint/file-configs'
import type { ModelPart, TokenizerFiles } from '#pipeline/model-files'

/** From the engine's code: in a checkout, and packaged, where it lies beside the archive. */
const PLACES = ['../../models', '../../../models']
const FILE = 'clip-words/merges.txt'
const [START, END] = ['<|startoftext|>', '<|endoftext|>']
const TOKENS = 77
const END_OF_WORD = '</w>'

/** The tokenizer of a written text encoder; null where its table has another number of words. */
export async function readClipWords({ table, config }: ModelPart, name: string): Promise<TokenizerFiles | null> {
  if (table?.rows !== CLIP_VOCABULARY) return null
  const merges = await readMerges()
  // OpenCLIP, which SD 2 and the second encoder of SDXL are, fills up with the token 0.
  const padding = config?.['hidden_act'] === 'gelu' ? '!' : END
  const settings = { model_max_length: TOKENS, bos_token: START, eos_token: END, unk_token: END, pad_token: padding }
  const vocab = toVocabulary(merges)
  return { name, vocab, merges, tokenizerJson: null, sentencePiece: null, config: settings, specialTokens: null }
}

async function readMerges(): Promise<string> {
  for (const place of PLACES) {
    const text = await readFile(join(import.meta.dirname, place, FILE), 'utf8').catch(() => null)
    if (text !== null) return text
  }
  throw new AppError('internal', `Easel's own file ${FILE} is missing. Install Easel again.`)
}

/** Printable bytes stand for themselves and come first, the others for U+0100 and up. */
function toVocabulary(merges: string): Record<string, number> {
  const printable = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174
  const bytes = Array.from({ length: 256 }, (_, byte) => byte)
  const own = bytes.filter(printable).map(byte => String.fromCodePoint(byte))
  const others = bytes.filter(byte => !printable(byte)).map((_, i) => String.fromCodePoint(0x100 + i))
  const characters = [...own, ...others]
  const made = merges.split('\n').flatMap(line => (line === '' ? [] : [line.replace(' ', '')]))
  const words = [...characters, ...characters.map(character => character + END_OF_WORD), ...made, START, END]
  return Object.fromEntries(words.map((word, id) => [word, id]))
}
