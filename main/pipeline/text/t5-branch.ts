/** T5 as a text encoder of SD 3 and FLUX: one window of tokens, no attention mask, all positions are used. */
import type { FloatTensor } from '../tensor.ts'
import type { TextEncoder } from '../text-encoder.ts'
import type { Prompt } from '#contract/prompt'
import { toT5Window, type T5Tokenizer } from './t5-tokenizer.ts'

export interface T5Branch {
  tokenizer: T5Tokenizer
  encoder: TextEncoder
}

export interface T5Result {
  /** [1, length, width] */
  states: FloatTensor
  notices: string[]
}

/** Sections are CLIP's affair. */
export function toSentence(prompt: Prompt): string {
  return prompt.map(section => section.map(piece => piece.text).join('')).join(' ')
}

/** `length` counts the end token. Weights are left out: T5 reads sentences, and nobody weighs its states. */
export async function encodeT5({ tokenizer, encoder }: T5Branch, prompt: Prompt, length: number): Promise<T5Result> {
  const { ids, cutTokens } = toT5Window(tokenizer, toSentence(prompt), encoder.tokens ?? length)
  const notices =
    cutTokens === 0 ? [] : [`The last ${cutTokens} tokens of the prompt were left out: this model reads ${length}.`]
  return { states: (await encoder.encode([ids])).last, notices }
}
