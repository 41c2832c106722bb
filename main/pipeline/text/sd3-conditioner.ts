/**
 * What SD 3 is conditioned on (Esser et al. 2024, arXiv 2403.03206, section 4): both CLIP encoders joined by features and
 * filled with zeros to the transformer's width, T5 behind them by tokens; both pooled vectors side by side. Without T5
 * its tokens are zeros.
 */
import { createNotice } from '#contract/notices'
import { AppError } from '#contract/errors'
import type { Conditions } from '../denoiser.ts'
import { concatFeatures, concatTokens, zeros, type FloatTensor } from '../tensor.ts'
import type { Conditioner, ClipBranch } from './clip-conditioner.ts'
import type { Prompt } from '#contract/prompt'
import { encodeT5, type PromptName, type T5Branch } from './t5-branch.ts'
import { applyWeights } from './token-weights.ts'
import { toWindows } from './windows.ts'

export interface Sd3ConditionerOptions {
  clip: readonly ClipBranch[]
  t5: T5Branch | null
  /** Width of the transformer's token states. */
  width: number
}

/** One an encoder. */
type Texts = readonly [Prompt, Prompt, Prompt]

/** diffusers' default. */
export const T5_TOKENS = 256

export function createSd3Conditioner({ clip, t5, width }: Sd3ConditionerOptions): Conditioner {
  async function encodeClip(branch: ClipBranch, prompt: Prompt, skip: number) {
    const { tokenizer, encoder, windowTokens } = branch
    const { windows, cutTokens } = toWindows(tokenizer, prompt, windowTokens, 1)
    const [{ ids, weights }] = windows
    const states = await encoder.encode([ids])
    const hidden = states.layers === null ? null : states.hidden(states.layers - 1 - skip)
    if (hidden === null || states.pooled === null) throw incomplete(encoder.name)
    return { states: applyWeights(hidden, weights), pooled: states.pooled, cutTokens }
  }

  async function encodeSide(prompts: Texts, tokens: number, skip: number, what: PromptName) {
    const parts = []
    for (const [i, branch] of clip.entries()) parts.push(await encodeClip(branch, prompts[i], skip))
    const joined = fillWidth(concatFeatures(parts.map(({ states }) => states)), width)
    const sentence =
      t5 === null ? { states: zeros([1, tokens, width]), notices: [] } : await encodeT5(t5, prompts[2], tokens, what)
    const cut = Math.max(...parts.map(({ cutTokens }) => cutTokens))
    const notices =
      t5 === null && cut > 0 ? [createNotice('text-cut-no-t5', { tokens: cut, prompt: [what] })] : sentence.notices
    const conditions: Conditions = {
      encoder_hidden_states: concatTokens([joined, sentence.states]),
      pooled_projections: joinPooled(parts.map(({ pooled }) => pooled)),
    }
    return { conditions, notices }
  }

  return {
    async encode({ prompt, negativePrompt, guided, second, third, clipSkip = 0, t5Tokens = T5_TOKENS }) {
      const empty: Prompt = []
      const texts: Texts = [prompt, second?.prompt ?? prompt, third?.prompt ?? prompt]
      const positive = await encodeSide(texts, t5Tokens, clipSkip, 'prompt')
      if (!guided) return { positive: positive.conditions, negative: null, notices: positive.notices }
      const first = negativePrompt ?? empty
      const opposite: Texts = [first, second?.negativePrompt ?? first, third?.negativePrompt ?? first]
      const negative = await encodeSide(opposite, t5Tokens, 0, 'negative prompt')
      const notices = [...positive.notices, ...negative.notices]
      return { positive: positive.conditions, negative: negative.conditions, notices }
    },
  }
}

function fillWidth(states: FloatTensor, width: number): FloatTensor {
  const [rows, tokens, own] = states.dims
  return own === width ? states : concatFeatures([states, zeros([rows, tokens, width - own])])
}

/** [1, a] and [1, b] -> [1, a + b] */
function joinPooled(vectors: readonly FloatTensor[]): FloatTensor {
  const joined = concatFeatures(vectors.map(({ dims, data }) => ({ dims: [dims[0], 1, dims[1]], data })))
  return { dims: [joined.dims[0], joined.dims[2]], data: joined.data }
}

function incomplete(name: string): AppError {
  return new AppError(
    'model-incompatible',
    `${name}/model.onnx gives no hidden_states or no text_embeds, which SD 3 needs.`,
    {
      details: { file: `${name}/model.onnx`, tensor: 'hidden_states, text_embeds' },
    },
  )
}
