/** A prompt after its syntax was read: pieces of text with weights. The syntax itself is read in prompt-syntax.ts. */

export interface PromptPiece {
  text: string
  /** 1: as it stands. */
  weight: number
}

/** Sections begin a new window of tokens each; most prompts are one section. */
export type Prompt = readonly (readonly PromptPiece[])[]

/** Brackets and colons are characters: what diffusers itself does. */
export function plainPrompt(text: string): Prompt {
  return [[{ text, weight: 1 }]]
}
