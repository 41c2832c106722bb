/** Ids of odd strings: `tokenizer-cases.json` beside the tokenizers' folders, and `tokenizers.json` among a flow model's goldens. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { readTokenizer } from '#engine/read-model'
import type { TokenizerFiles } from '#pipeline/model-files'
import { createClipTokenizer } from '#pipeline/text/clip-tokenizer'
import { createT5Tokenizer, isT5Tokenizer } from '#pipeline/text/t5-tokenizer'
import type { CaseResult } from '../comparison.ts'
import type { FileResult } from '../folder.ts'
import { compared } from './with-model.ts'

export const TOKENIZER_CASES_FILE = 'tokenizer-cases.json'

interface TokenizerCases {
  tokenizers: Record<string, { pad: number; cases: { text: string; ids: number[] }[] }>
}

export async function runTokenizerCases(folder: string): Promise<FileResult> {
  const { tokenizers } = JSON.parse(readFileSync(path.join(folder, TOKENIZER_CASES_FILE), 'utf8')) as TokenizerCases
  const results: CaseResult[] = []
  for (const [place, { pad, cases }] of Object.entries(tokenizers)) {
    const result = await compared(place, async comparison => {
      const files = await readTokenizer(path.join(folder, path.dirname(place)), path.basename(place))
      const tokenizer = createClipTokenizer(files)
      if (cases.length === 0) comparison.fail('the tokenizer', 'cases', 'none')
      comparison.exact('padding', pad, tokenizer.padId)
      for (const { text, ids } of cases) {
        comparison.exact(JSON.stringify(text), ids, [tokenizer.bosId, ...tokenizer.encode(text), tokenizer.eosId])
      }
    })
    results.push(result)
  }
  return { file: TOKENIZER_CASES_FILE, results }
}

/** Among the goldens of a flow model, without its ending. */
export const FLOW_TOKENIZERS = 'tokenizers'

/** A text, and its ids by the folder of the tokenizer. */
type FlowText = Record<string, string | number[]>

/** `tokenizers.json` in `folder`, for the tokenizers of the model; none where there is no such file. Throws where it lists nothing. */
export async function runFlowTokenizers(folder: string, model: string): Promise<CaseResult[]> {
  const file = path.join(folder, `${FLOW_TOKENIZERS}.json`)
  if (!existsSync(file)) return []
  const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: FlowText[] }
  const names = new Set(cases.flatMap(each => Object.keys(each).filter(key => key !== 'text')))
  if (names.size === 0) throw new Error(`${FLOW_TOKENIZERS}.json has no case`)
  const results: CaseResult[] = []
  for (const name of names) {
    results.push(
      await compared(`${FLOW_TOKENIZERS} ${name}`, async comparison => {
        const encode = encoderOf(await readTokenizer(model, name))
        for (const { text, [name]: ids } of cases) comparison.exact(JSON.stringify(text), ids, encode(String(text)))
      }),
    )
  }
  return results
}

/** With the special tokens, neither cut nor padded. */
function encoderOf(files: TokenizerFiles): (text: string) => number[] {
  if (isT5Tokenizer(files)) {
    const tokenizer = createT5Tokenizer(files)
    return text => [...tokenizer.encode(text), tokenizer.eosId]
  }
  const { bosId, eosId, encode } = createClipTokenizer(files)
  return text => [bosId, ...encode(text), eosId]
}
