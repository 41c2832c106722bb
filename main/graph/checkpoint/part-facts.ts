/** What of a part's config its graph needs and its weights do not say. Throws `model-incompatible` for what Easel cannot build. */
import { AppError } from '#contract/errors'
import type { ClipFacts } from './clip-graph.ts'
import type { Config } from './file-configs.ts'
import type { UnetFacts } from './unet-graph.ts'
import type { TensorMap } from './weights.ts'

/** diffusers' defaults. */
const GROUPS = 32
const EPSILON = 1e-5
/** The only values that Stable Diffusion has. */
const FIXED: Readonly<Record<string, unknown>> = {
  act_fn: 'silu',
  flip_sin_to_cos: true,
  freq_shift: 0,
  resnet_time_scale_shift: 'default',
  time_embedding_type: 'positional',
  class_embed_type: null,
  dual_cross_attention: false,
  center_input_sample: false,
}
/** Old configs write 2 for "the token with the highest id". */
const HIGHEST_ID = 2

export function unetFactsOf(map: TensorMap, config: Config, pooled: number | null): UnetFacts {
  for (const [key, expected] of Object.entries(FIXED)) {
    const actual = config[key]
    if (actual !== undefined && actual !== null && actual !== expected)
      throw misfit('unet/config.json', key, expected, actual)
  }
  const levels = levelCount(map)
  const heads = config['num_attention_heads'] ?? config['attention_head_dim']
  const list = Array.isArray(heads) ? heads : new Array<unknown>(levels).fill(heads)
  if (list.length !== levels || !list.every(isCount)) {
    throw misfit('unet/config.json', 'attention_head_dim', `one number or ${levels}`, heads)
  }
  const size = config['addition_time_embed_dim']
  return {
    groups: numberOr(config, 'norm_num_groups', GROUPS),
    epsilon: numberOr(config, 'norm_eps', EPSILON),
    heads: list,
    added: isCount(size) && pooled !== null ? { pooled, size } : null,
  }
}

export function vaeGroupsOf(config: Config): number {
  return numberOr(config, 'norm_num_groups', GROUPS)
}

export function clipFactsOf(map: TensorMap, config: Config): Omit<ClipFacts, 'added'> {
  const heads = config['num_attention_heads']
  const activation = config['hidden_act']
  const eos = config['eos_token_id']
  const width = [...map].find(([name]) => name.endsWith('embeddings.token_embedding.weight'))?.[1].dims[1] ?? 0
  if (!isCount(heads) || width % heads !== 0) {
    throw misfit('text_encoder/config.json', 'num_attention_heads', `a divisor of ${width}`, heads)
  }
  if (activation !== 'quick_gelu' && activation !== 'gelu') {
    throw misfit('text_encoder/config.json', 'hidden_act', 'quick_gelu or gelu', activation)
  }
  return { heads, activation, eosId: typeof eos === 'number' && eos !== HIGHEST_ID ? eos : null }
}

export function levelCount(map: TensorMap): number {
  return new Set([...map.keys()].flatMap(name => /^down_blocks\.(\d+)\./.exec(name)?.[1] ?? [])).size
}

function numberOr(config: Config, key: string, usual: number): number {
  const value = config[key]
  return typeof value === 'number' && value > 0 ? value : usual
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0
}

function misfit(file: string, key: string, expected: unknown, actual: unknown): AppError {
  const message = `${file}: ${key} is ${JSON.stringify(actual)}; Easel builds networks with ${JSON.stringify(expected)}.`
  return new AppError('model-incompatible', message, { details: { file, tensor: key, expected, actual } })
}
