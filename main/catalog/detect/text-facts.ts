/** Which text encoders and tokenizers a family has, and what an encoder's graph says about its widths and its vocabulary. */
import { LIMITS } from '#contract/generation'
import type { ModelFamily } from '#contract/model-verdict'
import { axis, findInput, numberOf, weightDims, type Part } from './folder-contents.ts'

export interface TextPart {
  encoder: string
  tokenizer: string
  kind: 'clip' | 't5'
  /** The pipeline can do without (SD3's T5). */
  optional?: true
}

const [FIRST, SECOND] = [
  { encoder: 'text_encoder', tokenizer: 'tokenizer', kind: 'clip' },
  { encoder: 'text_encoder_2', tokenizer: 'tokenizer_2', kind: 'clip' },
] as const satisfies TextPart[]

export const TEXT_PARTS: Readonly<Record<ModelFamily, readonly TextPart[]>> = {
  sd1: [FIRST],
  sd2: [FIRST],
  sdxl: [FIRST, SECOND],
  'sdxl-refiner': [SECOND],
  sd3: [FIRST, SECOND, { encoder: 'text_encoder_3', tokenizer: 'tokenizer_3', kind: 't5', optional: true }],
  flux: [FIRST, { ...SECOND, kind: 't5' }],
}

export interface TextFacts {
  width: number | null
  /** Width of the one vector a prompt: text_embeds or pooler_output. */
  pooledWidth: number | null
  /** Whether it gives such a vector, of whatever width. */
  givesPooled: boolean
  /** Rows of the token embedding. */
  vocabulary: number | null
  /** Layers whose states it gives, the embedding not counted; null when it gives the last ones only. */
  hiddenLayers: number | null
  hasFinalNorm: boolean
}

export function readTextFacts(part: Part): TextFacts {
  const output = (name: string) => part.header.outputs.find(value => value.name === name)
  const embedding = weightDims(part, /(token_embedding|embed_tokens|^shared)\.weight$/)
  const hidden = part.header.outputs.flatMap(({ name }) => /^hidden_states\.(\d+)$/.exec(name)?.[1] ?? []).map(Number)
  const states = output('last_hidden_state') ?? part.header.outputs.find(value => value.shape?.length === 3)
  const width =
    axis(states, 2) ??
    axis(output('hidden_states.0'), 2) ??
    embedding?.[1] ??
    numberOf(part.config, 'hidden_size') ??
    numberOf(part.config, 'd_model')
  const projected = output('text_embeds')
  const pooledWidth =
    projected === undefined
      ? output('pooler_output') === undefined
        ? null
        : (axis(output('pooler_output'), 1) ?? width)
      : (axis(projected, 1) ?? numberOf(part.config, 'projection_dim'))
  return {
    width,
    pooledWidth,
    givesPooled: projected !== undefined || output('pooler_output') !== undefined,
    vocabulary: embedding?.[0] ?? numberOf(part.config, 'vocab_size'),
    hiddenLayers: hidden.length === 0 ? null : Math.max(...hidden),
    hasFinalNorm: ['weight', 'bias'].every(
      kind => weightDims(part, new RegExp(`final_layer_norm\\.${kind}$`)) !== null,
    ),
  }
}

/**
 * Last layers that a prompt may do without. SD 1 and 2 put the states of an earlier layer through the final norm, whose
 * weights must be found in the graph; the others take the states before the last layer to begin with. FLUX uses none.
 */
export function maxClipSkip(family: ModelFamily, parts: ReadonlyMap<string, Part>): number {
  if (family === 'flux') return 0
  const isPlain = family === 'sd1' || family === 'sd2'
  const each = TEXT_PARTS[family].map(({ encoder, kind }) => {
    const part = parts.get(encoder)
    if (kind === 't5') return Infinity
    const { hiddenLayers, hasFinalNorm } = part === undefined ? NO_LAYERS : readTextFacts(part)
    if (hiddenLayers === null || (isPlain && !hasFinalNorm)) return 0
    return isPlain ? hiddenLayers : hiddenLayers - 1
  })
  return Math.max(0, Math.min(LIMITS.clipSkip.max, ...each))
}

const NO_LAYERS: Pick<TextFacts, 'hiddenLayers' | 'hasFinalNorm'> = { hiddenLayers: null, hasFinalNorm: false }

/** Files of which a tokenizer needs one whole group. */
export const TOKENIZER_FILES: Readonly<Record<TextPart['kind'], readonly (readonly string[])[]>> = {
  clip: [['vocab.json', 'merges.txt'], ['tokenizer.json']],
  t5: [['tokenizer.json'], ['spiece.model']],
}

export function idsInput(part: Part) {
  return findInput(part, 'input_ids') ?? part.header.inputs[0]
}
