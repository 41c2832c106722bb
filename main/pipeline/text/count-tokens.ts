/**
 * How many tokens a prompt takes, without opening a graph: from the tokenizer of the encoder that reads the whole prompt.
 * CLIP reads it in windows of 75; T5 (SD 3, FLUX) in one window, and so does SD 3's CLIP where T5 is absent.
 */
import type { Prompt } from '#contract/prompt'
import type { TokenCount } from '#contract/token-count'
import { CLIP_TOKENS, getTokenizer, openTokenizer } from '../families/clip-branches.ts'
import { FLUX_TOKENS } from '../families/transformer-families.ts'
import { configNumber, type ModelFiles } from '../model-files.ts'
import { T5_TOKENS } from './sd3-conditioner.ts'
import { toSentence } from './t5-branch.ts'
import { createT5Tokenizer, isT5Tokenizer } from './t5-tokenizer.ts'
import { cutSections } from './windows.ts'

export type CountTokens = (prompt: Prompt) => TokenCount

/** Throws `model-missing` or `model-corrupt` for a tokenizer that is not there or not whole. */
export function createTokenCounter(files: ModelFiles): CountTokens {
  const transformer = files.parts['transformer']
  if (transformer === undefined) {
    return createClipCounter(files, files.tokenizers['tokenizer'] ? '' : '_2', Infinity)
  }
  if (files.tokenizers['tokenizer_3']) return createT5Counter(files, '_3', T5_TOKENS)
  const second = files.tokenizers['tokenizer_2']
  if (second === undefined || !isT5Tokenizer(second)) return createClipCounter(files, '', 1)
  const isGuided = transformer.config?.['guidance_embeds'] === true
  return createT5Counter(files, '_2', isGuided ? FLUX_TOKENS.guided : FLUX_TOKENS.distilled)
}

function createClipCounter(files: ModelFiles, suffix: string, maxChunks: number): CountTokens {
  const tokenizer = openTokenizer(files, suffix)
  const config = files.parts[`text_encoder${suffix}`]?.config ?? null
  const room = (tokenizer.maxLength ?? configNumber(config, 'max_position_embeddings') ?? CLIP_TOKENS) - 2
  return prompt => toCount(cutSections(tokenizer, prompt, room), room, maxChunks)
}

/** The end token takes a place of its own. */
function createT5Counter(files: ModelFiles, suffix: string, length: number): CountTokens {
  const tokenizer = createT5Tokenizer(getTokenizer(files, `tokenizer${suffix}`))
  return prompt => toCount([tokenizer.encode(toSentence(prompt))], length - 1, 1)
}

function toCount(chunks: readonly (readonly unknown[])[], room: number, maxChunks: number): TokenCount {
  const all = chunks.map(chunk => chunk.length)
  const kept = all.slice(0, maxChunks).map(count => Math.min(count, room))
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0)
  return { chunks: kept, room, cut: sum(all) - sum(kept) }
}
