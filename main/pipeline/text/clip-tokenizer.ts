/**
 * CLIP's tokenizer, exactly as the fast tokenizers compute it (NFC, blanks folded, lower case, byte-pair encoding),
 * from vocab.json and merges.txt or from tokenizer.json. All ids come from the files. Prompt weights are not its
 * business: brackets are characters here.
 */
import { AppError } from '#contract/errors'
import { isJsonObject, type JsonObject, type TokenizerFiles } from '../model-files.ts'
import { createBytePairs, parseMerges } from './byte-pairs.ts'
import { createSplitter, readSpecialTokens } from './special-tokens.ts'

export interface Tokenizer {
  readonly bosId: number
  readonly eosId: number
  readonly padId: number
  /** Longest sequence with bos and eos that the files allow; null when they do not say. */
  readonly maxLength: number | null
  /** Ids of the text alone: no bos, eos or padding, nothing cut. */
  encode(text: string): number[]
}

const END_OF_WORD = '</w>'
// Contractions, runs of letters, single digits, runs of anything else that is not blank.
const WORDS = /'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\p{White_Space}\p{L}\p{N}]+/gu
// A length that no model has is how configs write "unlimited".
const LENGTH_LIMIT = 1_000_000

/** Throws `model-missing` or `model-corrupt` naming the file. */
export function createClipTokenizer(files: TokenizerFiles): Tokenizer {
  const { vocab, merges } = readTables(files)
  const special = readSpecialTokens(files, vocab)
  const role = (name: 'bos_token' | 'eos_token', fallback: string): number => {
    const id = special.id(name) ?? vocab[fallback]
    if (id !== undefined) return id
    throw corrupt(files, `says nothing about ${name} and its vocabulary has no "${fallback}"`)
  }
  const bosId = role('bos_token', '<|startoftext|>')
  const eosId = role('eos_token', '<|endoftext|>')
  const words = createBytePairs({ vocab, merges, endOfWord: END_OF_WORD, unknownId: special.id('unk_token') ?? eosId })
  const raw = createSplitter(special.added.filter(token => !token.normalized))
  const normalized = createSplitter(special.added.filter(token => token.normalized))
  return {
    bosId,
    eosId,
    padId: special.id('pad_token') ?? eosId,
    maxLength: readMaxLength(files),
    encode(text) {
      return raw(text).flatMap(piece =>
        typeof piece === 'number'
          ? [piece]
          : normalized(normalize(piece)).flatMap(part =>
              typeof part === 'number' ? [part] : (part.match(WORDS) ?? []).flatMap(word => words.encodeWord(word)),
            ),
      )
    },
  }
}

/** Lower case goes character by character: a whole-word rule (Greek final sigma) is not what the fast tokenizers do. */
function normalize(text: string): string {
  const folded = text.normalize('NFC').replace(/\p{White_Space}+/gu, ' ')
  return Array.from(folded, character => character.toLowerCase()).join('')
}

function readTables(files: TokenizerFiles): { vocab: Readonly<Record<string, number>>; merges: [string, string][] } {
  if (files.vocab && files.merges !== null) {
    return { vocab: files.vocab, merges: parseMerges(files.merges, `${files.name}/merges.txt`) }
  }
  const model = files.tokenizerJson?.['model']
  if (!isJsonObject(model)) {
    const missing = files.vocab === null ? 'vocab.json' : 'merges.txt'
    throw new AppError(
      'model-missing',
      `The tokenizer needs ${files.name}/${missing} (or tokenizer.json), which is not there.`,
      {
        details: { file: `${files.name}/${missing}` },
      },
    )
  }
  const vocab = model['vocab']
  const merges = model['merges']
  if (!isJsonObject(vocab) || !Array.isArray(merges))
    throw corrupt(files, 'has a tokenizer.json without vocab and merges')
  if (!isVocabulary(vocab)) throw corrupt(files, 'has a tokenizer.json with an id that is not a whole number')
  return {
    vocab,
    merges: parseMerges(
      merges.map((pair: unknown) => (Array.isArray(pair) ? pair.join(' ') : String(pair))).join('\n'),
      `${files.name}/tokenizer.json`,
    ),
  }
}

function isVocabulary(vocab: JsonObject): vocab is Readonly<Record<string, number>> {
  return Object.values(vocab).every(id => Number.isInteger(id))
}

function readMaxLength(files: TokenizerFiles): number | null {
  const length = files.config?.['model_max_length']
  return typeof length === 'number' && length > 2 && length < LENGTH_LIMIT ? length : null
}

function corrupt(files: TokenizerFiles, what: string): AppError {
  return new AppError('model-corrupt', `${files.name} ${what}.`, { details: { file: files.name } })
}
