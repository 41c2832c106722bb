/**
 * Names in a checkpoint that is one file, as the original programs wrote them (CompVis, Stability, OpenCLIP), -> those that
 * diffusers and transformers use. The blocks are numbered through there; where a level ends shows by its resampler.
 */
import type { StoredTensor, TensorMap } from './weights.ts'

export type PartName = 'unet' | 'vae' | 'text_encoder' | 'text_encoder_2'

const UNET = 'model.diffusion_model.'
const VAE = 'first_stage_model.'

/** null: the file is no checkpoint of Stable Diffusion 1, 2 or XL. */
export function splitCheckpoint(tensors: TensorMap): Partial<Record<PartName, TensorMap>> | null {
  const below = (prefix: string): TensorMap =>
    new Map(
      [...tensors].flatMap(([name, tensor]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), tensor]] : [])),
    )
  const [unet, vae] = [below(UNET), below(VAE)]
  if (unet.size === 0 || vae.size === 0) return null
  const texts: [PartName, TensorMap][] = []
  const plain = [below('cond_stage_model.transformer.'), below('conditioner.embedders.0.transformer.')].find(
    map => map.size > 0,
  )
  if (plain !== undefined) texts.push(['text_encoder', renameHuggingFace(plain)])
  const open = ['cond_stage_model.model.', 'conditioner.embedders.1.model.', 'conditioner.embedders.0.model.'].find(
    prefix => below(prefix).size > 0,
  )
  if (open !== undefined) {
    const isSdxl = open.startsWith('conditioner')
    texts.push([isSdxl ? 'text_encoder_2' : 'text_encoder', renameOpenClip(below(open), isSdxl)])
  }
  return { unet: renameUnet(unet), vae: renameVae(vae), ...Object.fromEntries(texts) }
}

/** A file with nothing but an autoencoder, in either program's names; null when it is something else. */
export function onlyAutoencoder(tensors: TensorMap): TensorMap | null {
  const names = [...tensors.keys()]
  if (!names.includes('decoder.conv_in.weight') || names.some(name => !VAE_NAME.test(name))) return null
  return names.some(name => name.startsWith('decoder.mid_block.')) ? tensors : renameVae(tensors)
}

/** Those behind the bar belong to the training of the published files. */
const VAE_NAME = /^(encoder|decoder|quant_conv|post_quant_conv)\.|^(loss|model_ema)\./

function renameHuggingFace(tensors: TensorMap): TensorMap {
  return new Map([...tensors].filter(([name]) => !name.endsWith('position_ids')))
}

export const RESNET: readonly (readonly [string, string])[] = [
  ['in_layers.0.', 'norm1.'],
  ['in_layers.2.', 'conv1.'],
  ['emb_layers.1.', 'time_emb_proj.'],
  ['out_layers.0.', 'norm2.'],
  ['out_layers.3.', 'conv2.'],
  ['skip_connection.', 'conv_shortcut.'],
]

export const UNET_ENDS: readonly (readonly [string, string])[] = [
  ['time_embed.0.', 'time_embedding.linear_1.'],
  ['time_embed.2.', 'time_embedding.linear_2.'],
  ['label_emb.0.0.', 'add_embedding.linear_1.'],
  ['label_emb.0.2.', 'add_embedding.linear_2.'],
  ['input_blocks.0.0.', 'conv_in.'],
  ['middle_block.0.', 'mid_block.resnets.0.'],
  ['middle_block.1.', 'mid_block.attentions.0.'],
  ['middle_block.2.', 'mid_block.resnets.1.'],
  ['out.0.', 'conv_norm_out.'],
  ['out.2.', 'conv_out.'],
]

function renameUnet(tensors: TensorMap): TensorMap {
  const names = [...tensors.keys()]
  const has = (prefix: string) => names.some(name => name.startsWith(prefix))
  const blocks: (readonly [string, string])[] = [...UNET_ENDS]
  let [level, i] = [0, 0]
  for (let n = 1; has(`input_blocks.${n}.`); n++) {
    if (has(`input_blocks.${n}.0.op.`)) {
      blocks.push([`input_blocks.${n}.0.op.`, `down_blocks.${level}.downsamplers.0.conv.`])
      ;[level, i] = [level + 1, 0]
      continue
    }
    blocks.push([`input_blocks.${n}.0.`, `down_blocks.${level}.resnets.${i}.`])
    blocks.push([`input_blocks.${n}.1.`, `down_blocks.${level}.attentions.${i}.`])
    i++
  }
  ;[level, i] = [0, 0]
  for (let n = 0; has(`output_blocks.${n}.`); n++) {
    blocks.push([`output_blocks.${n}.0.`, `up_blocks.${level}.resnets.${i}.`])
    const up = [1, 2].find(place => has(`output_blocks.${n}.${place}.conv.`))
    if (up !== undefined) blocks.push([`output_blocks.${n}.${up}.conv.`, `up_blocks.${level}.upsamplers.0.conv.`])
    if (up !== 1) blocks.push([`output_blocks.${n}.1.`, `up_blocks.${level}.attentions.${i}.`])
    i++
    if (up !== undefined) [level, i] = [level + 1, 0]
  }
  return rename(tensors, name => replaceStart(replaceStart(name, blocks), RESNET, /resnets\.\d+\./))
}

const VAE_PARTS: readonly (readonly [RegExp, string])[] = [
  [/^(encoder|decoder)\.mid\.block_1\./, '$1.mid_block.resnets.0.'],
  [/^(encoder|decoder)\.mid\.block_2\./, '$1.mid_block.resnets.1.'],
  [/^(encoder|decoder)\.mid\.attn_1\.norm\./, '$1.mid_block.attentions.0.group_norm.'],
  [/^(encoder|decoder)\.mid\.attn_1\.([qkv])\./, '$1.mid_block.attentions.0.to_$2.'],
  [/^(encoder|decoder)\.mid\.attn_1\.proj_out\./, '$1.mid_block.attentions.0.to_out.0.'],
  [/^encoder\.down\.(\d+)\.block\./, 'encoder.down_blocks.$1.resnets.'],
  [/^encoder\.down\.(\d+)\.downsample\./, 'encoder.down_blocks.$1.downsamplers.0.'],
  [/\.nin_shortcut\./, '.conv_shortcut.'],
  [/\.norm_out\./, '.conv_norm_out.'],
]

function renameVae(tensors: TensorMap): TensorMap {
  const levels = [...tensors.keys()].flatMap(name => /^decoder\.up\.(\d+)\./.exec(name)?.[1] ?? []).map(Number)
  const top = Math.max(0, ...levels)
  return rename(tensors, name => {
    const up = /^decoder\.up\.(\d+)\.(block|upsample)\.(.*)$/.exec(name)
    const [, level = '', kind = '', rest = ''] = up ?? []
    const place = `decoder.up_blocks.${top - Number(level)}.${kind === 'block' ? 'resnets' : 'upsamplers.0'}.${rest}`
    return VAE_PARTS.reduce((text, [pattern, by]) => text.replace(pattern, by), up === null ? name : place)
  })
}

const OPEN_CLIP: readonly (readonly [RegExp, string])[] = [
  [/^token_embedding\./, 'embeddings.token_embedding.'],
  [/^positional_embedding$/, 'embeddings.position_embedding.weight'],
  [/^ln_final\./, 'final_layer_norm.'],
  [/^transformer\.resblocks\.(\d+)\.ln_([12])\./, 'encoder.layers.$1.layer_norm$2.'],
  [/^transformer\.resblocks\.(\d+)\.mlp\.c_fc\./, 'encoder.layers.$1.mlp.fc1.'],
  [/^transformer\.resblocks\.(\d+)\.mlp\.c_proj\./, 'encoder.layers.$1.mlp.fc2.'],
  [/^transformer\.resblocks\.(\d+)\.attn\.out_proj\./, 'encoder.layers.$1.self_attn.out_proj.'],
]

/** SD 2 was trained on the states before the last layer, which is in the file and not used; so is the projection. */
function renameOpenClip(tensors: TensorMap, isSdxl: boolean): TensorMap {
  const layers = [...tensors.keys()].flatMap(name => /resblocks\.(\d+)\./.exec(name)?.[1] ?? []).map(Number)
  const last = isSdxl ? -1 : Math.max(...layers)
  const found = new Map<string, StoredTensor>()
  for (const [name, tensor] of tensors) {
    if (name === 'logit_scale' || name.includes(`resblocks.${last}.`)) continue
    if (name === 'text_projection') {
      if (isSdxl) found.set('text_projection.weight', { ...tensor, isTransposed: true })
      continue
    }
    const joined = /^transformer\.resblocks\.(\d+)\.attn\.in_proj_(weight|bias)$/.exec(name)
    if (joined === null) found.set(`text_model.${replaceAll(name, OPEN_CLIP)}`, tensor)
    else {
      for (const [i, part] of ['q', 'k', 'v'].entries()) {
        found.set(`text_model.encoder.layers.${joined[1]}.self_attn.${part}_proj.${joined[2]}`, third(tensor, i))
      }
    }
  }
  return found
}

/** Queries, keys and values lie one behind the other. */
function third(tensor: StoredTensor, i: number): StoredTensor {
  const size = (tensor.end - tensor.start) / 3
  const [rows = 0, ...rest] = tensor.dims
  const start = tensor.start + i * size
  return { ...tensor, name: `${tensor.name}[${i}]`, dims: [rows / 3, ...rest], start, end: start + size }
}

function rename(tensors: TensorMap, map: (name: string) => string): TensorMap {
  return new Map([...tensors].map(([name, tensor]) => [map(name), tensor]))
}

function replaceAll(name: string, by: readonly (readonly [RegExp, string])[]): string {
  return by.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), name)
}

/** `after`: the place is behind what it finds instead of at the beginning. */
function replaceStart(
  name: string,
  pairs: readonly (readonly [string, string])[],
  after: RegExp | null = null,
): string {
  const found = after?.exec(name) ?? null
  if (after !== null && found === null) return name
  const start = found === null ? 0 : found.index + found[0].length
  const pair = pairs.find(([from]) => name.startsWith(from, start))
  return pair === undefined ? name : name.slice(0, start) + pair[1] + name.slice(start + pair[0].length)
}
