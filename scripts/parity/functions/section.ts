/** One section of a file of pure functions: the shape of its record, and the cases that it makes. */
import type { z } from 'zod'
import type { ParityCase } from '../comparison.ts'

/** What a section may look up in its neighbours. */
export type Sections = Readonly<Record<string, unknown>>

/** Throws when the record has not the shape of the section. */
export type SectionRunner = (record: unknown, all: Sections) => ParityCase[]

export function section<T>(schema: z.ZodType<T>, cases: (record: T, all: Sections) => ParityCase[]): SectionRunner {
  return (record, all) => cases(schema.parse(record), all)
}
