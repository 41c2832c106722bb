/** The two prompts of a request as a model's conditions, for a picture of this size. */
import type { GenerationRequest } from '#contract/generation'
import type { Components } from '#pipeline/components'
import { usesNegativePrompt } from '#pipeline/guide-model'
import type { Size } from '#pipeline/latents'
import type { TextConditions } from '#pipeline/text/clip-conditioner'
import { parsePrompt } from '#contract/prompt-syntax'

export function encodePrompts(
  { conditioner, guidance }: Pick<Components, 'conditioner' | 'guidance'>,
  request: GenerationRequest,
  size: Size,
): Promise<TextConditions> {
  const { prompt, negativePrompt, clipSkip } = request
  return conditioner.encode({
    prompt: parsePrompt(prompt, 'prompt'),
    negativePrompt: negativePrompt === '' ? null : parsePrompt(negativePrompt, 'negativePrompt'),
    guided: usesNegativePrompt({ guidance }, request),
    size,
    truncate: false,
    clipSkip,
  })
}
