/**
 * What T5's tokenizer does to a text before it looks for pieces, read from `tokenizer.json` (or fixed by the converter for
 * `spiece.model`): replacing characters, cutting blanks, writing a blank as "▁" and beginning a new word at every one.
 * https://huggingface.co/docs/tokenizers/components
 */
import { AppError } from '#contract/errors'
import { isJsonObject, type JsonObject } from '../model-files.ts'
import { createCharsmap } from './t5-charsmap.ts'

export type Normalize = (text: string) => string
/** `isFirst`: nothing of the prompt stands before this text. */
export type Split = (text: string, isFirst: boolean) => string[]

const BLANK = '▁'

/** `null` leaves the text as it is. */
export function readNormalizer(node: unknown, file: string): Normalize {
  if (node === null || node === undefined) return text => text
  if (!isJsonObject(node)) throw unknownRule(file, 'normalizer', node)
  switch (node['type']) {
    case 'Sequence': {
      const steps = listOf(node['normalizers']).map(step => readNormalizer(step, file))
      return text => steps.reduce((result, step) => step(result), text)
    }
    case 'Precompiled':
      return createCharsmap(new Uint8Array(Buffer.from(String(node['precompiled_charsmap']), 'base64')), file)
    case 'Strip':
      return strip(node)
    case 'Replace':
      return replace(node, file)
    case 'NFC':
    case 'NFD':
    case 'NFKC':
    case 'NFKD':
      return text => text.normalize(String(node['type']))
    case 'Lowercase':
      return text => text.toLowerCase()
    default:
      throw unknownRule(file, 'normalizer', node['type'])
  }
}

export function readPreTokenizer(node: unknown, file: string): Split {
  if (!isJsonObject(node)) throw unknownRule(file, 'pre_tokenizer', node)
  switch (node['type']) {
    case 'Sequence': {
      const steps = listOf(node['pretokenizers']).map(step => readPreTokenizer(step, file))
      return (text, isFirst) =>
        steps.reduce((parts, step) => parts.flatMap((part, i) => step(part, isFirst && i === 0)), [text])
    }
    case 'WhitespaceSplit':
      return text => text.split(/\p{White_Space}+/u).filter(word => word !== '')
    case 'Metaspace':
      return metaspace(prependScheme(node), node['split'] !== false)
    default:
      throw unknownRule(file, 'pre_tokenizer', node['type'])
  }
}

/** What transformers' converter gives a `spiece.model`, by the flags of tokenizer_config.json. */
export function rulesOfSentencePiece(
  charsmap: Uint8Array,
  config: JsonObject | null,
  file: string,
): { normalize: Normalize; split: Split } {
  const replaceCharacters: Normalize = charsmap.length === 0 ? text => text : createCharsmap(charsmap, file)
  const scheme = config?.['add_prefix_space'] === false ? 'never' : config?.['legacy'] === false ? 'first' : 'always'
  return {
    normalize: text =>
      replaceCharacters(text)
        .replace(/\p{White_Space}+$/u, '')
        .replaceAll(/ {2,}/g, BLANK),
    split: metaspace(scheme, true),
  }
}

function strip(node: JsonObject): Normalize {
  return text => {
    const right = node['strip_right'] === true ? text.replace(/\p{White_Space}+$/u, '') : text
    return node['strip_left'] === true ? right.replace(/^\p{White_Space}+/u, '') : right
  }
}

function replace(node: JsonObject, file: string): Normalize {
  const { pattern } = node
  const content = String(node['content'])
  if (isJsonObject(pattern) && typeof pattern['String'] === 'string') {
    const wanted = pattern['String']
    return text => text.replaceAll(wanted, () => content)
  }
  if (!isJsonObject(pattern) || typeof pattern['Regex'] !== 'string') throw unknownRule(file, 'Replace', pattern)
  const expression = new RegExp(pattern['Regex'], 'gu')
  return text => text.replaceAll(expression, () => content)
}

/** Older files say `add_prefix_space` where newer ones name a scheme. */
function prependScheme(node: JsonObject): string {
  const scheme = node['prepend_scheme']
  if (typeof scheme === 'string') return scheme
  return node['add_prefix_space'] === false ? 'never' : 'always'
}

function metaspace(scheme: string, splits: boolean): Split {
  return (text, isFirst) => {
    if (text === '') return []
    const marked = text.replaceAll(' ', BLANK)
    const isPrefixed = scheme === 'always' || (scheme === 'first' && isFirst)
    const whole = isPrefixed && !marked.startsWith(BLANK) ? BLANK + marked : marked
    return splits ? whole.split(/(?=▁)/u) : [whole]
  }
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function unknownRule(file: string, kind: string, found: unknown): AppError {
  return new AppError(
    'model-incompatible',
    `${file} has a ${kind} that Easel does not know: ${JSON.stringify(found)}.`,
    {
      details: { file, expected: kind, actual: found },
    },
  )
}
