/** Ids of T5's fast tokenizer; provenance in test/fixtures/tokenizers/README.md. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { JsonObject, TokenizerFiles } from '#pipeline/model-files'
import { createT5Tokenizer, toT5Window } from '#pipeline/text/t5-tokenizer'

const FOLDER = join(import.meta.dirname, '../../../../fixtures/tokenizers')
const golden = JSON.parse(readFileSync(join(FOLDER, 't5-cases.json'), 'utf8')) as Record<string, [string, number[]][]>

function json(path: string): JsonObject {
  return JSON.parse(readFileSync(join(FOLDER, path), 'utf8')) as JsonObject
}

const NONE = { vocab: null, merges: null, tokenizerJson: null, config: null, specialTokens: null, sentencePiece: null }
const SD3: TokenizerFiles = {
  ...NONE,
  name: 'tokenizer_3',
  tokenizerJson: json('sd3/tokenizer_3/tokenizer.json'),
  config: json('sd3/tokenizer_3/tokenizer_config.json'),
}
const SCHNELL: TokenizerFiles = {
  ...NONE,
  name: 'tokenizer_2',
  config: json('flux-schnell/tokenizer_2/tokenizer_config.json'),
  sentencePiece: readFileSync(join(FOLDER, 'flux-schnell/tokenizer_2/spiece.model')),
}

/** The rules that older T5 files have: blanks cut the text, and nothing but characters is replaced. */
function withOldRules(files: TokenizerFiles): TokenizerFiles {
  const normalizers = (files.tokenizerJson?.['normalizer'] as { normalizers: unknown[] }).normalizers
  const metaspace = { type: 'Metaspace', replacement: '▁', add_prefix_space: true }
  const pre_tokenizer = { type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, metaspace] }
  return { ...files, tokenizerJson: { ...files.tokenizerJson, normalizer: normalizers[0], pre_tokenizer } }
}

function withPrefixOnlyAtTheStart(files: TokenizerFiles): TokenizerFiles {
  const pre_tokenizer = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first', split: true }
  return { ...files, tokenizerJson: { ...files.tokenizerJson, pre_tokenizer } }
}

describe.each([
  ['json', SD3],
  ['spiece', SCHNELL],
  ['json, words split at blanks', withOldRules(SD3)],
  ['json, prefix only at the start', withPrefixOnlyAtTheStart(SD3)],
] as const)("T5's tokenizer (%s)", (name, files) => {
  const tokenizer = createT5Tokenizer(files)
  const cases = golden[name] ?? []

  it('has cases to compare with', () => {
    expect(cases.length).toBeGreaterThan(15)
  })

  it.each(cases)('gives the ids of the fast tokenizer for %j', (text, ids) => {
    expect(tokenizer.encode(text)).toEqual(ids)
  })
})

describe("a window of T5's tokens", () => {
  const tokenizer = createT5Tokenizer(SD3)

  it('ends with eos and is filled up with padding', () => {
    expect(toT5Window(tokenizer, 'a', 5)).toEqual({ ids: [3, 1, 0, 0, 0], cutTokens: 0 })
  })

  it('counts what does not fit instead of losing it in silence', () => {
    const text = 'a red fox at dawn'
    const all = tokenizer.encode(text)
    expect(toT5Window(tokenizer, text, 4)).toEqual({ ids: [...all.slice(0, 3), 1], cutTokens: all.length - 3 })
  })
})

describe("T5's tokenizer files", () => {
  it.each([
    ['absent', { ...NONE, name: 'tokenizer_3' }, 'model-missing', 'spiece.model'],
    [
      'a damaged spiece.model',
      { ...SCHNELL, sentencePiece: SCHNELL.sentencePiece?.subarray(0, 1000) ?? null },
      'model-corrupt',
      'spiece.model',
    ],
    ['an empty spiece.model', { ...SCHNELL, sentencePiece: new Uint8Array() }, 'model-corrupt', 'spiece.model'],
    [
      'a tokenizer.json of another kind',
      { ...SD3, tokenizerJson: { model: { type: 'BPE', vocab: [], unk_id: 0 } } },
      'model-incompatible',
      'unigram',
    ],
    [
      'rules that nobody knows',
      { ...SD3, tokenizerJson: { ...SD3.tokenizerJson, pre_tokenizer: { type: 'Punctuation' } } },
      'model-incompatible',
      'Punctuation',
    ],
  ] as [string, TokenizerFiles, string, string][])('are refused by name: %s', (_, files, code, words) => {
    expect(() => createT5Tokenizer(files)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(words) as string }) as Error,
    )
  })
})
