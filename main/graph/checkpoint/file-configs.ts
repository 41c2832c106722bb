/**
 * What a checkpoint in one file does not say about itself and its family does: heads, groups, activations, scaling, noise
 * schedule. `hints.json` beside the file may say otherwise, as for models in other sizes than the published ones.
 */
import { levelCount } from './part-facts.ts'
import type { PartName } from './original-names.ts'
import type { TensorMap } from './weights.ts'

export type Config = Readonly<Record<string, unknown>>
export type PartConfigs = { unet: Config; vae: Config } & Partial<Record<'text_encoder' | 'text_encoder_2', Config>>

/** Words of CLIP's tokenizer, the one that all published models have. */
export const CLIP_VOCABULARY = 49_408

const HEAD_SIZE = 64
const HEADS_OF_SD1 = 8
const GROUPS = 32
/** Latents along a side that a family was trained at. */
const SIDES = { sd1: 64, sd2: 96, sdxl: 128 }

export function configsOfFile(
  maps: Partial<Record<PartName, TensorMap>>,
  hints: Config,
): { parts: PartConfigs; schedulerConfig: Config } {
  const none: TensorMap = new Map()
  const { unet = none, vae = none, text_encoder: first, text_encoder_2: second } = maps
  const isMatrix = [...unet].find(([name]) => name.endsWith('.proj_in.weight'))?.[1].dims.length === 2
  const family = second !== undefined ? 'sdxl' : isMatrix ? 'sd2' : 'sd1'
  const widths = Array.from(
    { length: levelCount(unet) },
    (_, i) => unet.get(`down_blocks.${i}.resnets.0.conv1.weight`)?.dims[0] ?? 0,
  )
  const pooled = second?.get('text_projection.weight')?.dims[1] ?? 0
  const total = unet.get('add_embedding.linear_1.weight')?.dims[1] ?? 0
  return {
    parts: {
      unet: {
        in_channels: unet.get('conv_in.weight')?.dims[1],
        block_out_channels: widths,
        sample_size: SIDES[family],
        use_linear_projection: isMatrix,
        norm_num_groups: numberOf(hints['unet_norm_num_groups']) ?? GROUPS,
        attention_head_dim: headsOf(widths, family, objectOf(hints['unet_heads'])),
        ...(total > 0 && { addition_time_embed_dim: (total - pooled) / 6 }),
      },
      vae: {
        ...vaeConfigOf(vae, {}),
        norm_num_groups: numberOf(hints['vae_norm_num_groups']) ?? GROUPS,
        scaling_factor: numberOf(hints['vae_scaling_factor']) ?? (family === 'sdxl' ? 0.13025 : 0.18215),
      },
      ...(first && {
        text_encoder: textConfig(first, family === 'sd2' ? 'gelu' : 'quick_gelu', objectOf(hints['text_encoder'])),
      }),
      ...(second && { text_encoder_2: textConfig(second, 'gelu', objectOf(hints['text_encoder_2'])) }),
    },
    schedulerConfig: {
      _class_name: 'EulerDiscreteScheduler',
      num_train_timesteps: 1000,
      beta_start: 0.00085,
      beta_end: 0.012,
      beta_schedule: 'scaled_linear',
      steps_offset: 1,
      timestep_spacing: 'leading',
      clip_sample: false,
      set_alpha_to_one: false,
      skip_prk_steps: true,
      prediction_type: typeof hints['prediction_type'] === 'string' ? hints['prediction_type'] : PREDICTIONS[family],
    },
  }
}

/** What a file with an autoencoder shows, and what the config beside it says; how its latents are scaled is not in the file. */
export function vaeConfigOf(vae: TensorMap, config: Config): Config {
  const levels = levelCount(new Map([...vae].map(([name, tensor]) => [name.replace(/^encoder\./, ''), tensor])))
  return { block_out_channels: new Array<number>(levels).fill(1), norm_num_groups: GROUPS, ...config }
}

/** SD 2.1 at 768 pixels, the one that is used, was taught v. */
const PREDICTIONS = { sd1: 'epsilon', sd2: 'v_prediction', sdxl: 'epsilon' }

/** By level; the configs of diffusers call this number a dimension. */
function headsOf(widths: readonly number[], family: keyof typeof SIDES, hint: Config): number[] {
  const value = numberOf(hint['value'])
  const isFixed = hint['rule'] === undefined ? family === 'sd1' : hint['rule'] === 'num_heads'
  return widths.map(width => (isFixed ? (value ?? HEADS_OF_SD1) : width / (value ?? HEAD_SIZE)))
}

function textConfig(map: TensorMap, activation: string, hint: Config): Config {
  const positions = [...map].find(([name]) => name.endsWith('position_embedding.weight'))?.[1].dims ?? []
  const words = [...map].find(([name]) => name.endsWith('token_embedding.weight'))?.[1].dims ?? []
  return {
    vocab_size: words[0],
    max_position_embeddings: positions[0],
    hidden_size: positions[1],
    num_attention_heads: numberOf(hint['num_heads']) ?? (positions[1] ?? 0) / HEAD_SIZE,
    hidden_act: typeof hint['hidden_act'] === 'string' ? hint['hidden_act'] : activation,
  }
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && value > 0 ? value : null
}

function objectOf(value: unknown): Config {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}
