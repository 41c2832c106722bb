/**
 * A checkpoint whose weights stay in their `.safetensors` files: a folder as diffusers writes it, or one file as other programs
 * do. It says which parts there are, what their configs are, and writes their graphs; the weights themselves are not read.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Notice } from '#contract/notices'
import { AppError } from '#contract/errors'
import { withFileSource } from '../byte-source.ts'
import { applyLoras, describeChanges, type LoraUse, type PartMaps } from '../lora/apply-loras.ts'
import { readSafetensorsHeader } from '../safetensors.ts'
import { writeClip, type ClipFacts } from './clip-graph.ts'
import { configsOfFile, vaeConfigOf, type Config, type PartConfigs } from './file-configs.ts'
import type { GraphWriter } from './graph-writer.ts'
import { onlyAutoencoder, splitCheckpoint, type PartName } from './original-names.ts'
import { clipFactsOf, unetFactsOf, vaeGroupsOf } from './part-facts.ts'
import { writeUnet } from './unet-graph.ts'
import { writeVaeDecoder, writeVaeEncoder } from './vae-graph.ts'
import { Weights, type StoredTensor, type TensorMap } from './weights.ts'

export interface CheckpointPart {
  /** As an ONNX export's folder is called: "vae_decoder". */
  name: string
  /** Absolute: the file with most of its weights. */
  file: string
  weightBytes: number
  /** See ModelPart. */
  changes: string
  config: Config
  /** `isFused`: with the runtime's own attention, which not every provider computes right. */
  write(isFused: boolean, added?: readonly Float32Array[]): GraphWriter
  /** Text encoders: the table of words, [rows, width]. */
  table: readonly [number, number] | null
}

export interface Checkpoint {
  parts: readonly CheckpointPart[]
  /** What a single file does not say and its family does; null where the folder has a config. */
  schedulerConfig: Config | null
  /** What the user should know of how LoRAs were applied. */
  notices: readonly Notice[]
}

const FOLDERS: readonly PartName[] = ['unet', 'vae', 'text_encoder', 'text_encoder_2']
const SUFFIX = '.safetensors'
const TABLE = /(^|\.)embeddings\.token_embedding\.weight$/

/**
 * `configs` by part: those of the folder, or what `hints.json` says of a single file. null: there is no checkpoint in the folder.
 * Throws `model-incompatible` for what Easel cannot build, and for a LoRA of another kind of model.
 */
export async function openCheckpoint(
  folder: string,
  configs: Readonly<Record<string, Config | null | undefined>>,
  loras: readonly LoraUse[] = [],
): Promise<Checkpoint | null> {
  const own = await readPartMaps(folder)
  if (own === null) return null
  const { maps, notices } = await applyLoras(own, loras)
  const { unet, vae } = own
  if (await hasParts(folder)) {
    const given = FOLDERS.map(name => [name, configs[name] ?? {}])
    return { parts: toParts(maps, Object.fromEntries(given) as PartConfigs), schedulerConfig: null, notices }
  }
  if (unet === undefined && vae !== undefined) {
    const parts = toParts(maps, { unet: {}, vae: vaeConfigOf(vae, configs['vae'] ?? {}) })
    return { parts, schedulerConfig: null, notices }
  }
  const { parts, schedulerConfig } = configsOfFile(own, configs['hints'] ?? {})
  return { parts: toParts(maps, parts), schedulerConfig, notices }
}

/** The weights of each part by the names of diffusers and transformers; null: there is no checkpoint in the folder (absolute). */
export async function readPartMaps(folder: string): Promise<PartMaps | null> {
  if (await hasParts(folder)) {
    const maps: PartMaps = {}
    for (const name of FOLDERS) {
      const files = await weightFiles(join(folder, name))
      if (files.length > 0) maps[name] = await readTensors(files)
    }
    return maps
  }
  const [file, ...others] = await weightFiles(folder)
  if (file === undefined || others.length > 0) return null
  const tensors = await readTensors([file])
  const vae = onlyAutoencoder(tensors)
  const maps = vae === null ? splitCheckpoint(tensors) : { vae }
  if (maps === null) throw notKnown(file)
  return maps
}

/** Whether it is a folder as diffusers writes it, not one file. */
async function hasParts(folder: string): Promise<boolean> {
  return (await weightFiles(join(folder, 'unet'))).length > 0
}

/** Absolute, sorted; a file stands for itself. Of a part in several precisions the plain one is taken; of one in pieces, all. */
async function weightFiles(folder: string): Promise<string[]> {
  if (folder.endsWith(SUFFIX)) return [folder]
  const all = (await readdir(folder).catch(() => [])).filter(name => name.endsWith(SUFFIX)).sort()
  const plain = all.filter(name => !/\.(fp16|bf16|non_ema)[.-]/.test(name))
  return (plain.length > 0 ? plain : all).map(name => join(folder, name))
}

/** Its tensors, and what LoRAs add to them. */
function bytesOf({ start, end, changes = [] }: StoredTensor): number {
  return end - start + changes.reduce((sum, { up, down }) => sum + up.end - up.start + down.end - down.start, 0)
}

async function readTensors(files: readonly string[]): Promise<TensorMap> {
  const found = new Map<string, StoredTensor>()
  for (const file of files) {
    const header = await withFileSource(file, nameOf(file), readSafetensorsHeader)
    for (const [name, tensor] of header) found.set(name, { ...tensor, name, file })
  }
  return found
}

function toParts(maps: PartMaps, configs: PartConfigs): CheckpointPart[] {
  const { unet, vae } = maps
  const pooled = maps.text_encoder_2?.get('text_projection.weight')
  const pooledWidth = pooled === undefined ? null : (pooled.dims[pooled.isTransposed === true ? 1 : 0] ?? null)
  const parts: CheckpointPart[] = []
  if (unet !== undefined) {
    const facts = unetFactsOf(unet, configs.unet, pooledWidth)
    parts.push(toPart('unet', unet, configs.unet, isFused => writeUnet(weightsOf(unet), facts, isFused)))
  }
  if (vae !== undefined) {
    const named = new Map([...vae].map(([name, tensor]) => [newAttentionName(name), tensor]))
    const groups = vaeGroupsOf(configs.vae)
    const write = (make: typeof writeVaeEncoder) => (isFused: boolean) => make(weightsOf(named), groups, isFused)
    parts.push(toPart('vae_decoder', named, configs.vae, write(writeVaeDecoder)))
    parts.push(toPart('vae_encoder', named, configs.vae, write(writeVaeEncoder)))
  }
  for (const name of ['text_encoder', 'text_encoder_2'] as const) {
    const map = maps[name]
    const config = configs[name]
    if (map === undefined || config === undefined) continue
    const clean = new Map([...map].filter(([key]) => !key.endsWith('position_ids')))
    const facts: Omit<ClipFacts, 'added'> = clipFactsOf(clean, config)
    const write = (_: boolean, added: readonly Float32Array[] = []) => writeClip(weightsOf(clean), { ...facts, added })
    parts.push(toPart(name, clean, config, write))
  }
  return parts
}

function toPart(name: string, map: TensorMap, config: Config, write: CheckpointPart['write']): CheckpointPart {
  const tensors = [...map.values()]
  const table = [...map].find(([key]) => TABLE.test(key))?.[1].dims
  return {
    name,
    file: tensors[0]?.file ?? '',
    weightBytes: tensors.reduce((sum, tensor) => sum + bytesOf(tensor), 0),
    changes: describeChanges(map),
    config,
    write,
    table: table === undefined ? null : [table[0] ?? 0, table[1] ?? 0],
  }
}

/** Before 2023 the attention of an autoencoder was named otherwise. */
function newAttentionName(name: string): string {
  const old: Readonly<Record<string, string>> = { query: 'to_q', key: 'to_k', value: 'to_v', proj_attn: 'to_out.0' }
  return name.replace(
    /\.attentions\.0\.(query|key|value|proj_attn)\./,
    (_, part: string) => `.attentions.0.${old[part]}.`,
  )
}

function weightsOf(map: TensorMap): Weights {
  return new Weights(map, nameOf([...map.values()][0]?.file ?? ''))
}

/** As messages name it: the part's folder with the file. */
function nameOf(file: string): string {
  const [name = '', folder = ''] = file.split(/[\\/]/).reverse()
  return /^(unet|vae|text_encoder(_2)?)$/.test(folder) ? `${folder}/${name}` : name
}

function notKnown(file: string): AppError {
  const message = `${nameOf(file)} is no checkpoint of Stable Diffusion 1, 2 or XL: it lacks weights named model.diffusion_model or first_stage_model.`
  return new AppError('model-incompatible', message, { details: { file: nameOf(file) } })
}
