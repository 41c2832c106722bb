/** The lists of words that `__name__` in a prompt draws from, as the user sees and edits them. */
import { z } from 'zod'
import { text } from './fields.ts'

export const WILDCARD_LIMITS = { nameChars: 100, textChars: 1_000_000 } as const

/** A list that is named in a prompt; the name is the first group. */
export const WILDCARD_IN_PROMPT = /__([\p{L}\p{N}][\p{L}\p{N}_./-]*?)__/u

const ALLOWED_NAME = `a name of letters, digits, ".", "-" and single "_", at most ${WILDCARD_LIMITS.nameChars} long; "/" puts it into a folder`
const SEGMENT = '[\\p{L}\\p{N}](?:[\\p{L}\\p{N}.-]|_(?!_))*'
const NAME = new RegExp(`^${SEGMENT}(?:/${SEGMENT})*$`, 'u')

/** A name that can be written in a prompt and is no way out of the folder of the lists. */
export function isWildcardName(name: string): boolean {
  return name.length <= WILDCARD_LIMITS.nameChars && NAME.test(name) && !/_(?:$|\/)/.test(name)
}

function wildcardName() {
  return z.string({ error: ALLOWED_NAME }).refine(isWildcardName, { error: ALLOWED_NAME })
}

/** What a list holds: one entry a line; blank lines and those that begin with # say nothing. */
export function parseWildcardFile(text: string): string[] {
  return text
    .split(/\r?\n/u)
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'))
}

export interface WildcardSummary {
  name: string
  entries: number
}

export interface WildcardFolder {
  lists: WildcardSummary[]
  /** Files that no prompt can name. */
  unusable: string[]
}

export interface WildcardFile {
  name: string
  text: string
}

export const wildcardNameSchema = z.strictObject({ name: wildcardName() })
/** `replaces` is the name that it had before; absent for a new one. */
export const saveWildcardSchema = z.strictObject({
  name: wildcardName(),
  text: text({ maxChars: WILDCARD_LIMITS.textChars }),
  replaces: wildcardName().optional(),
})
