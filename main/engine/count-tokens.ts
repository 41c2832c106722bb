/** Counts tokens with a model's own tokenizer, which is read once and kept until another model's is asked for. */
import { parsePrompt } from '#contract/prompt-syntax'
import type { TokenCount } from '#contract/token-count'
import { createTokenCounter, type CountTokens } from '#pipeline/text/count-tokens'
import { embeddingsState, openModelFiles } from './embeddings/open-model-files.ts'

/** `userFolder` is the data folder; null where there is none. */
export function createModelTokenCounter(
  userFolder: string | null,
): (folder: string, text: string) => Promise<TokenCount> {
  let held: { key: string; counter: Promise<CountTokens> } | null = null

  return async (folder, text) => {
    const key = `${folder} ${await embeddingsState(folder, userFolder)}`
    const mine =
      held?.key === key ? held : { key, counter: openModelFiles(folder, userFolder).then(createTokenCounter) }
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
