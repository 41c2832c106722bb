/** Styles: words that are put around a prompt, as A1111's web UI has them. The names and the file format are its own. */
import { z } from 'zod'
import { text } from './fields.ts'
import { LIMITS } from './generation.ts'

export const STYLE_LIMITS = { nameChars: 200, csvChars: 2_000_000 } as const

/** Where the user's own words go; a style without it is put behind them. */
export const PROMPT_PLACE = '{prompt}'

const ALLOWED_NAME = `a name of 1 to ${STYLE_LIMITS.nameChars} characters without space at its ends`
/** Names of what the user keeps: they are shown, never used as a path. */
export function ownName() {
  return z
    .string({ error: ALLOWED_NAME })
    .min(1, { error: ALLOWED_NAME })
    .max(STYLE_LIMITS.nameChars, { error: ALLOWED_NAME })
    .refine(name => name === name.trim(), { error: ALLOWED_NAME })
}

export const styleSchema = z.strictObject({
  name: ownName(),
  prompt: text({ maxChars: LIMITS.promptChars }),
  negativePrompt: text({ maxChars: LIMITS.promptChars }),
})
export type Style = z.infer<typeof styleSchema>

/** `replaces` is the name that it had before; absent for a new one. */
export const saveStyleSchema = z.strictObject({ ...styleSchema.shape, replaces: z.string().optional() })
export const styleNameSchema = z.strictObject({ name: z.string() })
export const importStylesSchema = z.strictObject({ csv: text({ maxChars: STYLE_LIMITS.csvChars }) })

export interface ImportedStyles {
  styles: Style[]
  added: number
  /** Styles of the same name that are now as the imported ones. */
  replaced: number
}

/** `around` is a style's prompt or negative prompt. */
export function applyStyle(prompt: string, around: string): string {
  if (around.includes(PROMPT_PLACE)) return around.replaceAll(PROMPT_PLACE, () => prompt)
  return [prompt.trim(), around.trim()].filter(part => part !== '').join(', ')
}

/** One after the other, as they were chosen. */
export function applyStyles<T extends { prompt: string; negativePrompt: string }>(
  texts: T,
  styles: readonly Style[],
): T {
  return styles.reduce<T>(
    (result, style) => ({
      ...result,
      prompt: applyStyle(result.prompt, style.prompt),
      negativePrompt: applyStyle(result.negativePrompt, style.negativePrompt),
    }),
    texts,
  )
}
