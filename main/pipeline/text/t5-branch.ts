/** T5 as a text encoder of SD 3 and FLUX: one window of tokens, no attention mask, all positions are used. */
import { createNotice, type Notice } from '#contract/notices'
import type { FloatTensor } from '../tensor.ts'
import type { TextEncoder } from '../text-encoder.ts'
import type { Prompt } from '#contract/prompt'
import { toT5Window, type T5Tokenizer } from './t5-tokenizer.ts'

export interface T5Branch {
  tokenizer: T5Tokenizer
  encoder: TextEncoder
}

export type PromptName = 'prompt' | 'negative prompt'

export interface T5Result {
  /** [1, length, width] */
  states: FloatTensor
  notices: Notice[]
}

/** Sections are CLIP's affair. */
export function toSentence(prompt: Prompt): string {
  return prompt.map(section => section.map(piece => piece.text).join('')).join(' ')
}

/** `length` counts the end token; `what` names the prompt in a notice. Weights are left out: T5 reads sentences, and nobody weighs its states. */
export async function encodeT5(
  { tokenizer, encoder }: T5Branch,
  prompt: Prompt,
  length: number,
  what: PromptName,
): Promise<T5Result> {
  const room = encoder.tokens ?? length
  const { ids, cutTokens } = toT5Window(tokenizer, toSentence(prompt), room)
  const notices = cutTokens === 0 ? [] : [createNotice('text-cut', { tokens: cutTokens, prompt: [what], room })]
  return { states: (await encoder.encode([ids])).last, notices }
}
