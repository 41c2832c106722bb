/**
 * From prompts to what the U-Nets of the Stable Diffusion families are conditioned on. SD 1 and 2 take one encoder's
 * final states; SDXL takes the states before the last layer of its encoders, joined by features, the last encoder's
 * pooled vector and six (refiner: five) numbers about size and crop (Podell et al. 2023, arXiv 2307.01952, section 2.2).
 */
import { AppError } from '#contract/errors'
import type { Conditions } from '../denoiser.ts'
import type { Size } from '../latents.ts'
import { baseTimeIds, refinerTimeIds, type SizeConditions } from '../size-conditions.ts'
import { concatFeatures, concatTokens, zeros, type FloatTensor } from '../tensor.ts'
import type { TextEncoder, TextStates } from '../text-encoder.ts'
import { createNotice, type Notice } from '#contract/notices'
import type { Tokenizer } from './clip-tokenizer.ts'
import type { Prompt } from '#contract/prompt'
import { normalizeLayer, type LayerNorm } from './layer-norm.ts'
import type { PromptName } from './t5-branch.ts'
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
  /** Layers left out at the end, for the prompt only; 0 is none. */
  clipSkip?: number
  /** What the second encoder reads instead, where there is one. */
  second?: { prompt: Prompt; negativePrompt: Prompt | null }
  /** What T5 reads in SD 3. */
  third?: { prompt: Prompt; negativePrompt: Prompt | null }
  /** Length of T5's window; without it, what the model was trained with. */
  t5Tokens?: number
  /** SDXL: what the picture is said to be; without it, a whole one of the render size. */
  said?: { positive: SaidPicture; negative: SaidPicture }
}

/** What SDXL is told about a picture; the aesthetic score counts for the refiner only. */
export interface SaidPicture extends SizeConditions {
  aestheticScore: number
}

export interface TextConditions {
  /** One row each. */
  positive: Conditions
  negative: Conditions | null
  /** What the user should know: words that did not fit into a graph of fixed length. */
  notices: Notice[]
}

export interface Conditioner {
  encode(request: TextRequest): Promise<TextConditions>
}

export interface ClipBranch {
  tokenizer: Tokenizer
  encoder: TextEncoder
  /** The norm behind the last layer; read when a layer is skipped. */
  finalNorm: () => Promise<LayerNorm>
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

/** diffusers' scores. */
const AESTHETIC_SCORE = { positive: 6, negative: 2.5 }

export function createClipConditioner({
  branches,
  statesInput,
  fixedTokens,
  added,
}: ClipConditionerOptions): Conditioner {
  const windowTokens = branches[0].windowTokens
  const fixedWindows = fixedTokens === null ? Infinity : Math.max(1, Math.floor(fixedTokens / windowTokens))

  async function encodePrompt(windows: readonly (readonly TokenWindow[])[], skip: number): Promise<Encoded> {
    const perBranch: Encoded[] = []
    for (const [i, branch] of branches.entries()) {
      perBranch.push(await encodeWindows(branch, windows[i], { isPenultimate: added !== null, skip }))
    }
    const pooled = perBranch[perBranch.length - 1].pooled
    return { states: concatFeatures(perBranch.map(({ states }) => states)), pooled }
  }

  function conditions({ states, pooled }: Encoded, said: SaidPicture): Conditions {
    if (added === null) return { [statesInput]: states }
    if (pooled === null) throw noPooled(branches[branches.length - 1].encoder.name)
    return { [statesInput]: states, text_embeds: pooled, time_ids: timeIds(added.timeIds, said) }
  }

  return {
    async encode({ prompt, negativePrompt, guided, size, truncate, second, clipSkip, said = wholePicture(size) }) {
      const limit = truncate ? 1 : fixedWindows
      const cut = (first: Prompt, other: Prompt): Windows[] =>
        branches.map((branch, i) => toWindows(branch.tokenizer, i === 0 ? first : other, windowTokens, limit))
      const positive = cut(prompt, second?.prompt ?? prompt)
      const negative = guided ? cut(negativePrompt ?? [], second?.negativePrompt ?? negativePrompt ?? []) : []
      const longest = Math.max(...[...positive, ...negative].map(({ windows }) => windows.length))
      const count = fixedTokens === null ? longest : Math.max(longest, fixedWindows)
      const notices = truncate ? [] : [...cutNotice('prompt', positive), ...cutNotice('negative prompt', negative)]
      const filled = (all: Windows[]) =>
        all.map(({ windows }, i) => fill(branches[i].tokenizer, windows, count, windowTokens))
      const encoded = await encodePrompt(filled(positive), clipSkip ?? 0)
      const result = { positive: conditions(encoded, said.positive), notices }
      if (!guided) return { ...result, negative: null }
      const isZero = added?.zerosForNoNegative === true && negativePrompt === null
      const opposite = isZero ? zerosLike(encoded) : await encodePrompt(filled(negative), 0)
      return { ...result, negative: conditions(opposite, said.negative) }
    },
  }
}

function wholePicture({ height, width }: Size): { positive: SaidPicture; negative: SaidPicture } {
  const sizes: SizeConditions = { original: [height, width], crop: [0, 0], target: [height, width] }
  return {
    positive: { ...sizes, aestheticScore: AESTHETIC_SCORE.positive },
    negative: { ...sizes, aestheticScore: AESTHETIC_SCORE.negative },
  }
}

interface Encoded {
  /** [1, tokens, width] */
  states: FloatTensor
  /** [1, width] */
  pooled: FloatTensor | null
}

async function encodeWindows(
  branch: ClipBranch,
  windows: readonly TokenWindow[],
  layer: { isPenultimate: boolean; skip: number },
): Promise<Encoded> {
  const parts: FloatTensor[] = []
  let pooled: FloatTensor | null = null
  for (const { ids, weights } of windows) {
    const states = await branch.encoder.encode([ids])
    parts.push(applyWeights(await chooseLayer(states, branch, layer), weights))
    pooled ??= states.pooled // of the first window, where the subject stands
  }
  return { states: concatTokens(parts), pooled }
}

/**
 * SD 1 and 2: the final states, or those of an earlier layer through the final norm. SDXL counts from the layer before the
 * last and takes it as it is; some exports of it give the final states only, and their own programs use those.
 */
async function chooseLayer(
  { last, layers, hidden }: TextStates,
  { encoder, finalNorm }: ClipBranch,
  { isPenultimate, skip }: { isPenultimate: boolean; skip: number },
): Promise<FloatTensor> {
  if (skip === 0 && (!isPenultimate || layers === null)) return last
  const wanted = layers === null ? null : layers - skip - (isPenultimate ? 1 : 0)
  const states = wanted === null ? null : hidden(wanted)
  if (states !== null) return isPenultimate ? states : normalizeLayer(states, await finalNorm())
  const tensor = `hidden_states.${wanted ?? '*'}`
  throw new AppError(
    'model-incompatible',
    `This model cannot skip ${skip} layers: ${encoder.name}/model.onnx has no output ${tensor}.`,
    {
      details: { file: `${encoder.name}/model.onnx`, tensor },
    },
  )
}

function timeIds(count: 5 | 6, said: SaidPicture): FloatTensor {
  const ids = count === 6 ? baseTimeIds(said) : refinerTimeIds(said, said.aestheticScore)
  return { dims: [1, count], data: Float32Array.from(ids) }
}

function fill(tokenizer: Tokenizer, windows: readonly TokenWindow[], count: number, length: number): TokenWindow[] {
  const missing = Math.max(0, count - windows.length)
  return [...windows, ...Array.from({ length: missing }, () => emptyWindow(tokenizer, length))]
}

function cutNotice(what: PromptName, all: readonly Windows[]): Notice[] {
  const cutTokens = Math.max(0, ...all.map(windows => windows.cutTokens))
  if (cutTokens === 0) return []
  return [createNotice('text-cut-windows', { tokens: cutTokens, prompt: [what] })]
}

function zerosLike({ states, pooled }: Encoded): Encoded {
  return { states: zeros(states.dims), pooled: pooled && zeros(pooled.dims) }
}

function noPooled(name: string): AppError {
  return new AppError('model-incompatible', `${name}/model.onnx gives no text_embeds, which this U-Net needs.`, {
    details: { file: `${name}/model.onnx`, tensor: 'text_embeds' },
  })
}
