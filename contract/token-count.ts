/** How many tokens of a model's text encoder a prompt takes: what the prompt field shows while it is written. */
import { z } from 'zod'
import { identifier, text } from './fields.ts'
import { LIMITS } from './generation.ts'

export const countTokensSchema = z.strictObject({ model: identifier(), text: text({ maxChars: LIMITS.promptChars }) })
export type CountTokensArgument = z.infer<typeof countTokensSchema>

export const tokenCountSchema = z.object({
  /** Tokens in each window that the text takes; one empty window for an empty text. */
  chunks: z.array(z.int()),
  /** Tokens of text that a window holds: 75 for CLIP. */
  room: z.int(),
  /** Tokens that this model leaves out. */
  cut: z.int(),
})
export type TokenCount = z.infer<typeof tokenCountSchema>
