/** Counts tokens with a model's own tokenizer, which is read once and kept until another model's is asked for. */
import { parsePrompt } from '#contract/prompt-syntax'
import type { TokenCount } from '#contract/token-count'
import { createTokenCounter, type CountTokens } from '#pipeline/text/count-tokens'
import { readModelFiles } from './read-model.ts'

export function createModelTokenCounter(): (folder: string, text: string) => Promise<TokenCount> {
  let held: { folder: string; counter: Promise<CountTokens> } | null = null

  return async (folder, text) => {
    const mine = held?.folder === folder ? held : { folder, counter: readModelFiles(folder).then(createTokenCounter) }
    held = mine
    try {
      const count = await mine.counter
      return count(parsePrompt(text, 'text'))
    } catch (thrown) {
      if (held === mine) held = null // a file that was missing may be there the next time
      throw thrown
    }
  }
}
