/** Column readers for rows: JSON text and the 0/1 that SQLite uses for booleans. */
import { z } from 'zod'

export const flagColumn = z.union([z.literal(0), z.literal(1)]).transform(value => value === 1)

/** TEXT that holds JSON of the given shape. */
export function jsonColumn<T extends z.ZodType>(schema: T) {
  return z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text)
      } catch {
        context.addIssue({ code: 'custom', message: 'not JSON' })
        return z.NEVER
      }
    })
    .pipe(schema)
}
