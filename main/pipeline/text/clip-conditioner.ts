/**
 * From prompts to what the U-Nets of the Stable Diffusion families are conditioned on. SD 1 and 2 take one encoder's
 * final states; SDXL takes the states before the last layer of its encoders, joined by features, the last encoder's
 * pooled vector and six (refiner: five) numbers about size and crop (Podell et al. 2023, arXiv 2307.01952, section 2.2).
 */
import { AppError } from '#contract/errors'
import type { Conditions } from '../denoiser.ts'
import type { Size } from '../latents.ts'
import { concatFeatures, concatTokens, type FloatTensor } from '../tensor.ts'
import type { TextEncoder, TextStates } from '../text-encoder.ts'
import type { Tokenizer } from './clip-tokenizer.ts'
import type { Prompt } from './prompt.ts'
import { applyWeights } from './token-weights.ts'
import { emptyWindow, toWindows, type TokenWindow, type Windows } from './windows.ts'

export interface TextRequest {
  prompt: Prompt
  /** null: none was given, which some models tell apart from an empty one. */
  negativePrompt: Prompt | null
  /** Without guidance the negative prompt is not encoded. */
  guided: boolean
  /** What the picture is rendered at. */
  size: Size
  /** Cut after the first window as diffusers does, instead of adding windows. */
  truncate: boolean
}

export interface TextConditions {
  /** One row each. */
  positive: Conditions
  negative: Conditions | null
  /** What the user should know: words that did not fit into a graph of fixed length. */
  notices: string[]
}

export interface Conditioner {
  encode(request: TextRequest): Promise<TextConditions>
}

export interface ClipBranch {
  tokenizer: Tokenizer
  encoder: TextEncoder
  /** Tokens a window, with bos and eos. */
  windowTokens: number
}

export interface ClipConditionerOptions {
  branches: readonly ClipBranch[]
  /** Name of the U-Net's input for token states. */
  statesInput: string
  /** The U-Net takes so many tokens only, where its shape is fixed. */
  fixedTokens: number | null
  /** SDXL: pooled vector and size numbers; null for SD 1 and 2. */
  added: { timeIds: 5 | 6; zerosForNoNegative: boolean } | null
}

const AESTHETIC_SCORE = { positive: 6, negative: 2.5 }

export function createClipConditioner({
  branches,
  statesInput,
  fixedTokens,
  added,
}: ClipConditionerOptions): Conditioner {
  const windowTokens = branches[0].windowTokens
  const fixedWindows = fixedTokens === null ? Infinity : Math.max(1, Math.floor(fixedTokens / windowTokens))

  async function encodePrompt(windows: readonly (readonly TokenWindow[])[]): Promise<Encoded> {
    const perBranch: Encoded[] = []
    for (const [i, { encoder }] of branches.entries())
      perBranch.push(await encodeWindows(encoder, windows[i], added !== null))
    return {
      states: concatFeatures(perBranch.map(({ states }) => states)),
      pooled: perBranch[perBranch.length - 1].pooled,
    }
  }

  function conditions({ states, pooled }: Encoded, size: Size, score: number): Conditions {
    if (added === null) return { [statesInput]: states }
    if (pooled === null) throw noPooled(branches[branches.length - 1].encoder.name)
    return { [statesInput]: states, text_embeds: pooled, time_ids: timeIds(added.timeIds, size, score) }
  }

  return {
    async encode({ prompt, negativePrompt, guided, size, truncate }) {
      const limit = truncate ? 1 : fixedWindows
      const cut = (text: Prompt): Windows[] =>
        branches.map(branch => toWindows(branch.tokenizer, text, windowTokens, limit))
      const positive = cut(prompt)
      const negative = guided ? cut(negativePrompt ?? []) : []
      const count = Math.max(
        ...[...positive, ...negative].map(({ windows }) => windows.length),
        fixedTokens === null ? 1 : limit,
      )
      const notices = truncate ? [] : [...cutNotice('prompt', positive), ...cutNotice('negative prompt', negative)]
      const filled = (all: Windows[]) =>
        all.map(({ windows }, i) => fill(branches[i].tokenizer, windows, count, windowTokens))
      const encoded = await encodePrompt(filled(positive))
      if (!guided) return { positive: conditions(encoded, size, AESTHETIC_SCORE.positive), negative: null, notices }
      const zeros = added?.zerosForNoNegative === true && negativePrompt === null
      const opposite = zeros ? zerosLike(encoded) : await encodePrompt(filled(negative))
      return {
        positive: conditions(encoded, size, AESTHETIC_SCORE.positive),
        negative: conditions(opposite, size, AESTHETIC_SCORE.negative),
        notices,
      }
    },
  }
}

interface Encoded {
  /** [1, tokens, width] */
  states: FloatTensor
  /** [1, width] */
  pooled: FloatTensor | null
}

async function encodeWindows(
  encoder: TextEncoder,
  windows: readonly TokenWindow[],
  penultimate: boolean,
): Promise<Encoded> {
  const parts: FloatTensor[] = []
  let pooled: FloatTensor | null = null
  for (const { ids, weights } of windows) {
    const states = await encoder.encode([ids])
    parts.push(applyWeights(penultimate ? beforeLastLayer(states, encoder.name) : states.last, weights))
    pooled ??= states.pooled // of the first window, where the subject stands
  }
  return { states: concatTokens(parts), pooled }
}

/** Some exports of SDXL give the final states only; those are what their own programs use. */
function beforeLastLayer(states: TextStates, name: string): FloatTensor {
  if (states.layers === null) return states.last
  const hidden = states.hidden(states.layers - 1)
  if (hidden) return hidden
  throw new AppError('model-incompatible', `${name}/model.onnx has no output hidden_states.${states.layers - 1}.`, {
    details: { file: `${name}/model.onnx`, tensor: `hidden_states.${states.layers - 1}` },
  })
}

function timeIds(count: 5 | 6, { height, width }: Size, score: number): FloatTensor {
  const ids = count === 6 ? [height, width, 0, 0, height, width] : [height, width, 0, 0, score]
  return { dims: [1, count], data: Float32Array.from(ids) }
}

function fill(tokenizer: Tokenizer, windows: readonly TokenWindow[], count: number, length: number): TokenWindow[] {
  const missing = Math.max(0, count - windows.length)
  return [...windows, ...Array.from({ length: missing }, () => emptyWindow(tokenizer, length))]
}

function cutNotice(what: string, all: readonly Windows[]): string[] {
  const cutTokens = Math.max(0, ...all.map(windows => windows.cutTokens))
  if (cutTokens === 0) return []
  return [`This model takes a fixed number of words: the last ${cutTokens} tokens of the ${what} were left out.`]
}

function zerosLike({ states, pooled }: Encoded): Encoded {
  const zeros = ({ dims, data }: FloatTensor): FloatTensor => ({ dims, data: new Float32Array(data.length) })
  return { states: zeros(states), pooled: pooled && zeros(pooled) }
}

function noPooled(name: string): AppError {
  return new AppError('model-incompatible', `${name}/model.onnx gives no text_embeds, which this U-Net needs.`, {
    details: { file: `${name}/model.onnx`, tensor: 'text_embeds' },
  })
}
