/**
 * Tokens of a prompt in windows of the encoder's length (77 for CLIP): bos, up to 75 tokens, eos, padding. A longer
 * prompt takes several windows that are encoded one by one and joined; nothing is cut unless the caller asks for it.
 */
import type { Tokenizer } from './clip-tokenizer.ts'
import type { Prompt } from '#contract/prompt'

export interface TokenWindow {
  ids: readonly number[]
  /** One a token; null when all are 1. */
  weights: readonly number[] | null
}

export interface Windows {
  windows: readonly TokenWindow[]
  /** Tokens of the text that stand in no window because of `maxWindows`. */
  cutTokens: number
}

/** `length` counts bos and eos. An empty prompt is one empty window. */
export function toWindows(tokenizer: Tokenizer, prompt: Prompt, length: number, maxWindows = Infinity): Windows {
  const chunks = cutSections(tokenizer, prompt, length - 2)
  const kept = chunks.slice(0, maxWindows)
  const cutTokens = chunks.slice(maxWindows).reduce((sum, chunk) => sum + chunk.length, 0)
  return { windows: kept.map(chunk => toWindow(tokenizer, chunk, length)), cutTokens }
}

/** Tokens of a prompt in chunks of at most `room`; each section begins a new one. */
export function cutSections(tokenizer: Tokenizer, prompt: Prompt, room: number): WeightedToken[][] {
  const sections = prompt.map(section =>
    section.flatMap(({ text, weight }) => tokenizer.encode(text).map(id => ({ id, weight }))),
  )
  return (sections.length === 0 ? [[]] : sections).flatMap(tokens => cut(tokens, room))
}

/** A window without text. */
export function emptyWindow(tokenizer: Tokenizer, length: number): TokenWindow {
  return toWindow(tokenizer, [], length)
}

export interface WeightedToken {
  id: number
  weight: number
}

function toWindow(tokenizer: Tokenizer, tokens: readonly WeightedToken[], length: number): TokenWindow {
  const padding = length - tokens.length - 2
  const ids = [
    tokenizer.bosId,
    ...tokens.map(({ id }) => id),
    tokenizer.eosId,
    ...new Array<number>(padding).fill(tokenizer.padId),
  ]
  if (tokens.every(({ weight }) => weight === 1)) return { ids, weights: null }
  return { ids, weights: [1, ...tokens.map(({ weight }) => weight), ...new Array<number>(padding + 1).fill(1)] }
}

function cut<T>(tokens: readonly T[], room: number): T[][] {
  const chunks = [tokens.slice(0, room)]
  for (let start = room; start < tokens.length; start += room) chunks.push(tokens.slice(start, start + room))
  return chunks
}
