/** What FLUX is conditioned on: the token states of T5 and the pooled vector of CLIP (https://github.com/black-forest-labs/flux). */
import { AppError } from '#contract/errors'
import type { Conditions } from '../denoiser.ts'
import type { Conditioner, ClipBranch } from './clip-conditioner.ts'
import type { Prompt } from '#contract/prompt'
import { encodeT5, type PromptName, type T5Branch } from './t5-branch.ts'
import { toWindows } from './windows.ts'

export interface FluxConditionerOptions {
  clip: ClipBranch
  t5: T5Branch
  /** Tokens that the model was trained with. */
  t5Tokens: number
}

export function createFluxConditioner({ clip, t5, t5Tokens: trained }: FluxConditionerOptions): Conditioner {
  async function encodeSide(first: Prompt, second: Prompt, tokens: number, what: PromptName) {
    const { windows } = toWindows(clip.tokenizer, first, clip.windowTokens, 1) // a summary of the beginning; T5 reads all
    const { pooled } = await clip.encoder.encode([windows[0].ids])
    if (pooled === null) {
      throw new AppError(
        'model-incompatible',
        `${clip.encoder.name}/model.onnx gives no pooler_output, which FLUX needs.`,
        {
          details: { file: `${clip.encoder.name}/model.onnx`, tensor: 'pooler_output' },
        },
      )
    }
    const { states, notices } = await encodeT5(t5, second, tokens, what)
    const conditions: Conditions = { encoder_hidden_states: states, pooled_projections: pooled }
    return { conditions, notices }
  }

  return {
    async encode({ prompt, negativePrompt, guided, second, t5Tokens = trained }) {
      const { conditions, notices } = await encodeSide(prompt, second?.prompt ?? prompt, t5Tokens, 'prompt')
      if (!guided) return { positive: conditions, negative: null, notices }
      const first = negativePrompt ?? []
      const negative = await encodeSide(first, second?.negativePrompt ?? first, t5Tokens, 'negative prompt')
      return { positive: conditions, negative: negative.conditions, notices: [...notices, ...negative.notices] }
    },
  }
}
