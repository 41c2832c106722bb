/** `tokenizer-cases.json`: ids of odd strings for tokenizers whose folders lie beside the file. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { readTokenizer } from '#engine/read-model'
import { createClipTokenizer } from '#pipeline/text/clip-tokenizer'
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
