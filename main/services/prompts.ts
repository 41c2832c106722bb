/**
 * The texts of a request before it is queued: choices are drawn for each image from its own seed, and what comes out must
 * be a prompt that the engine can read. A job thus says from the start what each of its pictures will be of.
 */
import { LIMITS, type GenerationRequest, type ImageText } from '#contract/generation'
import { invalidInput } from '#contract/parse'
import { parsePrompt } from '#contract/prompt-syntax'
import { parseWildcardFile } from '#contract/wildcards'
import type { WildcardTexts } from '#storage/wildcard-files'
import { choiceDraws, hasChoices, resolveChoices, type ChoiceField, type WildcardLists } from './choices.ts'

const FIELDS = ['prompt', 'negativePrompt'] as const satisfies ChoiceField[]

/** Throws `invalid-input` naming the field: an unknown list, choices without end, a prompt that cannot be read. */
export async function settleTexts(
  request: GenerationRequest,
  readLists: () => Promise<WildcardTexts>,
): Promise<GenerationRequest> {
  if (!FIELDS.some(field => hasChoices(request[field]))) {
    checkText(request)
    return request
  }
  const lists: WildcardLists = new Map(
    [...(await readLists())].map(([name, text]) => [name, parseWildcardFile(text)] as const),
  )
  const texts = Array.from({ length: request.images }, (_, image) => textOf(request, image, lists))
  for (const text of texts) checkText(text)
  return { ...request, texts }
}

function textOf(request: GenerationRequest, image: number, lists: WildcardLists): ImageText {
  const resolve = (field: ChoiceField) =>
    resolveChoices(request[field], lists, choiceDraws(request.seed + image, field), field)
  return { prompt: resolve('prompt'), negativePrompt: resolve('negativePrompt') }
}

function checkText(text: ImageText): void {
  for (const field of FIELDS) {
    if (text[field].length > LIMITS.promptChars) {
      const allowed = `text of at most ${LIMITS.promptChars} characters once its choices are made`
      throw invalidInput([{ path: field, value: `${text[field].length} characters long`, allowed }])
    }
    parsePrompt(text[field], field)
  }
}
