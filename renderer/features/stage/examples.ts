/** Prompts that invite: the model's own examples, else made from the words that it knows. */
import type { KnownWords, ModelSummary } from '#contract/models'

const SHOWN = 6

export function examplePrompts(model: ModelSummary | null): string[] {
  if (model === null) return []
  if (model.examples.length > 0) return model.examples.slice(0, SHOWN)
  return model.knownWords === null ? [] : composePrompts(model.knownWords)
}

/** Things (the largest group) in places or colours (groups of phrases, of single words), spread over the lists. */
function composePrompts(known: KnownWords): string[] {
  const groups = Object.values(known).toSorted((a, b) => b.length - a.length)
  const [things = []] = groups
  const places = groups.slice(1).find(group => group.every(entry => entry.includes(' '))) ?? []
  return Array.from({ length: Math.min(SHOWN, things.length) }, (_, i) => {
    const thing = things[Math.floor((i * things.length) / SHOWN)] ?? ''
    const place = places[Math.floor((i * places.length) / SHOWN)]
    return [withArticle(thing), place].filter(Boolean).join(' ')
  })
}

function withArticle(noun: string): string {
  return `${/^[aeiou]/i.test(noun) ? 'an' : 'a'} ${noun}`
}
