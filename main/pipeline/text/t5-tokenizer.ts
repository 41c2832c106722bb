/**
 * T5's tokenizer, exactly as the fast tokenizers compute it: special tokens, replacement of characters, words by "▁", then
 * the best cut of each word into pieces. From `tokenizer.json` or from `spiece.model`. The end token is put behind by
 * `toT5Window`, not by `encode`.
 */
import { AppError } from '#contract/errors'
import { isJsonObject, type TokenizerFiles } from '../model-files.ts'
import { createSplitter, readSpecialTokens } from './special-tokens.ts'
import { readNormalizer, readPreTokenizer, rulesOfSentencePiece, type Normalize, type Split } from './t5-rules.ts'
import { parseSentencePiece } from './t5-spiece.ts'
import { createUnigram, type UnigramModel } from './t5-unigram.ts'

export interface T5Tokenizer {
  readonly eosId: number
  readonly padId: number
  /** Longest sequence with eos that the files allow; null when they do not say. */
  readonly maxLength: number | null
  /** Ids of the text alone: no eos, no padding, nothing cut. */
  encode(text: string): number[]
}

/** Sentinels that T5 adds behind its pieces, the last one first. */
const DEFAULT_EXTRA_IDS = 100
const LENGTH_LIMIT = 1_000_000

interface Rules {
  model: UnigramModel
  normalize: Normalize
  split: Split
}

/** By its files: CLIP's has a vocabulary and merges. */
export function isT5Tokenizer({ sentencePiece, tokenizerJson }: TokenizerFiles): boolean {
  const model = tokenizerJson?.['model']
  return sentencePiece !== null || (isJsonObject(model) && model['merges'] === undefined)
}

/** Throws `model-missing`, `model-corrupt` or `model-incompatible` naming the file. */
export function createT5Tokenizer(files: TokenizerFiles): T5Tokenizer {
  const { model, normalize, split } = readRules(files)
  const encodePiece = createUnigram(model)
  const vocabulary = Object.fromEntries(model.pieces.map(([piece], id) => [piece, id]))
  const special = readSpecialTokens(files, vocabulary)
  const role = (name: 'eos_token' | 'pad_token', usual: string): number => {
    const id = special.id(name) ?? vocabulary[usual]
    if (id !== undefined) return id
    throw corrupt(`${files.name}/tokenizer_config.json`, `says nothing about ${name}`)
  }
  const raw = createSplitter(special.added.filter(token => !token.normalized))
  const normalized = createSplitter(special.added.filter(token => token.normalized))
  return {
    eosId: role('eos_token', '</s>'),
    padId: role('pad_token', '<pad>'),
    maxLength: readMaxLength(files),
    encode: text =>
      raw(text).flatMap((piece, i) => {
        if (typeof piece === 'number') return [piece]
        return normalized(normalize(piece)).flatMap((part, j) =>
          typeof part === 'number' ? [part] : split(part, i === 0 && j === 0).flatMap(encodePiece),
        )
      }),
  }
}

/** Ids of one prompt in a window of `length`: text, eos, padding; what does not fit is cut and counted. */
export function toT5Window(tokenizer: T5Tokenizer, text: string, length: number): { ids: number[]; cutTokens: number } {
  const all = tokenizer.encode(text)
  const kept = all.slice(0, length - 1)
  const padding = new Array<number>(length - 1 - kept.length).fill(tokenizer.padId)
  return { ids: [...kept, tokenizer.eosId, ...padding], cutTokens: all.length - kept.length }
}

/** `tokenizer.json` first: it is what transformers reads where both are there. */
function readRules(files: TokenizerFiles): Rules {
  const { tokenizerJson: json, sentencePiece } = files
  if (json !== null) {
    const file = `${files.name}/tokenizer.json`
    return {
      model: readUnigram(json['model'], file),
      normalize: readNormalizer(json['normalizer'], file),
      split: readPreTokenizer(json['pre_tokenizer'], file),
    }
  }
  const file = `${files.name}/spiece.model`
  if (sentencePiece === null) {
    const message = `T5's tokenizer needs ${files.name}/tokenizer.json or ${file}; neither is there.`
    throw new AppError('model-missing', message, { details: { file: `${files.name}/tokenizer.json` } })
  }
  const { pieces, unknownId, charsmap } = parseSentencePiece(sentencePiece, file)
  const extra = files.config?.['extra_ids']
  const count = typeof extra === 'number' ? extra : DEFAULT_EXTRA_IDS
  const sentinels = Array.from({ length: count }, (_, i): [string, number] => [`<extra_id_${count - 1 - i}>`, 0])
  return {
    model: { pieces: [...pieces, ...sentinels], unknownId },
    ...rulesOfSentencePiece(charsmap, files.config, file),
  }
}

function readUnigram(model: unknown, file: string): UnigramModel {
  if (!isJsonObject(model) || !Array.isArray(model['vocab'])) throw corrupt(file, 'has no vocabulary')
  const unknownId = model['unk_id']
  if ((model['type'] !== undefined && model['type'] !== 'Unigram') || typeof unknownId !== 'number') {
    throw new AppError('model-incompatible', `${file} is not a unigram tokenizer, the only kind that T5 uses.`, {
      details: { file, expected: 'Unigram', actual: model['type'] },
    })
  }
  const pieces = model['vocab'].map((entry: unknown): [string, number] => {
    if (!Array.isArray(entry) || typeof entry[0] !== 'string' || typeof entry[1] !== 'number') {
      throw corrupt(file, 'has a piece without text or score')
    }
    return [entry[0], entry[1]]
  })
  return { pieces, unknownId }
}

function readMaxLength(files: TokenizerFiles): number | null {
  const length = files.config?.['model_max_length']
  return typeof length === 'number' && length > 1 && length < LENGTH_LIMIT ? length : null
}

function corrupt(file: string, what: string): AppError {
  return new AppError('model-corrupt', `${file} ${what}.`, { details: { file } })
}
