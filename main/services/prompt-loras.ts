/** `<lora:name:weight>` in the texts of a request -> the field `loras` of the request, or of each image where choices decide. Pure. */
import type { GenerationRequest } from '#contract/generation'
import { LORA_LIMITS, takeLoras, type Lora } from '#contract/loras'
import { invalidInput, showValue } from '#contract/parse'

/**
 * `request` with its choices drawn. A request whose images have texts of their own keeps its prompt as it was written.
 * Throws `invalid-input`: a LoRA in the negative prompt, one that is named twice, too many of them.
 */
export function settlePromptLoras(request: GenerationRequest): GenerationRequest {
  const settle = <T extends { prompt: string; negativePrompt: string }>(text: T): T & { loras?: Lora[] } => {
    const { prompt, loras: named } = takeLoras(text.prompt)
    refuseNegative(text.negativePrompt)
    const loras = [...(request.loras ?? []), ...named]
    check(loras)
    return {
      ...text,
      ...(named.length > 0 && { prompt: prompt.trim() }),
      ...(loras.length > 0 && { loras }),
    }
  }
  if (request.texts === undefined) return settle(request)
  return { ...request, texts: request.texts.map(text => settle(text)) }
}

/** Every LoRA that one of its images uses. */
export function lorasOf({ loras = [], texts = [] }: Pick<GenerationRequest, 'loras' | 'texts'>): Lora[] {
  return [...loras, ...texts.flatMap(text => text.loras ?? [])]
}

function refuseNegative(negativePrompt: string): void {
  const { loras } = takeLoras(negativePrompt, 'negativePrompt')
  const [first] = loras
  if (first === undefined) return
  const allowed = 'no LoRA: they change the whole picture and stand in the prompt; a weight below 0 takes away'
  throw invalidInput([{ path: 'negativePrompt', value: showValue(`<lora:${first.name}>`), allowed }])
}

function check(loras: readonly Lora[]): void {
  const twice = loras.find(({ name }, i) => loras.findIndex(other => other.name === name) < i)
  if (twice !== undefined) {
    const allowed = 'each LoRA once, in the field or in the prompt'
    throw invalidInput([{ path: 'loras', value: `${showValue(twice.name)} twice`, allowed }])
  }
  if (loras.length <= LORA_LIMITS.count) return
  throw invalidInput([{ path: 'loras', value: `${loras.length} LoRAs`, allowed: `at most ${LORA_LIMITS.count}` }])
}
