/** What a model of few words will not understand of a prompt, as one line; the page marks such words while they are typed. */
import { createLexicon, findUnknownWords } from '#contract/known-words'
import type { ModelSummary } from '#contract/models'

/** null where it knows every word, or has no list of its words. */
export function describeUnknownWords(
  prompt: string,
  { name, knownWords, examples }: Pick<ModelSummary, 'name' | 'knownWords' | 'examples'>,
): string | null {
  if (knownWords === null) return null
  const unknown = new Set(findUnknownWords(prompt, createLexicon(knownWords, examples)).map(({ text }) => text))
  if (unknown.size === 0) return null
  return `${name} does not know: ${[...unknown].join(', ')}. It draws what it makes of the rest.`
}
