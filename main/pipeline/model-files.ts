/**
 * What the pipeline is given of a model: parsed configs, tokenizer texts and the paths of its graphs. Pure data: whoever
 * reads the folder (main/engine/read-model.ts) fills it in, so that nothing under main/pipeline touches a disk.
 */
import type { Notice } from '#contract/notices'
import { AppError } from '#contract/errors'
import type { ProcessorNodes, WriteGraph } from './session.ts'
import type { Tensor } from './tensor.ts'

export type JsonObject = Readonly<Record<string, unknown>>

/** One network: its graph and the `config.json` beside it; legacy exports have none. */
export interface ModelPart {
  /** Folder name inside the model: "unet", "text_encoder_2". */
  name: string
  /** Absolute path of the .onnx file. */
  graph: string
  config: JsonObject | null
  /** How often it halves or doubles its picture by the names of its weights; null where a config says it or nothing does. */
  halvings: number | null
  /** Of the graph and the weight files beside it. */
  weightBytes: number
  /** What LoRAs change in it; absent: nothing. Two parts of one model with equal texts are the same network. */
  changes?: string
  /** Opened instead of the graph's file. */
  write?: WriteGraph
  processorNodes?: ProcessorNodes
  /** Of a text encoder whose graph is written: its table of words, and the same with rows behind it. */
  table?: { rows: number; width: number; writeWith(added: readonly Float32Array[]): WriteGraph }
  /** Of a text encoder: beyond what its tokenizer knows. */
  words?: readonly AddedWord[]
}

/** A word that stands for several new tokens of one encoder. */
export interface AddedWord {
  spellings: readonly string[]
  ids: readonly number[]
}

/** A file whose words do something in this model. */
export interface UsableEmbedding {
  spellings: readonly string[]
  /** SHA-256 of the file. */
  hash: string
}

/** A word that does nothing in this model. */
export interface MisfitWord {
  spellings: readonly string[]
  reason: string
}

/** The files of one tokenizer folder; null where a file is absent. */
export interface TokenizerFiles {
  name: string
  /** vocab.json: token -> id. */
  vocab: Readonly<Record<string, number>> | null
  /** merges.txt as it is. */
  merges: string | null
  /** tokenizer.json of the fast tokenizers. */
  tokenizerJson: JsonObject | null
  /** spiece.model of T5. */
  sentencePiece: Uint8Array | null
  config: JsonObject | null
  specialTokens: JsonObject | null
}

/** Linear map from latents (scaled space) to RGB in 0..1: rgb = latent . matrix + bias. */
export interface LatentPreview {
  matrix: readonly (readonly number[])[]
  bias: readonly number[]
}

export interface ModelFiles {
  /** Absolute path of the folder; for messages. */
  folder: string
  /** model_index.json; null when the folder has none. */
  index: JsonObject | null
  schedulerConfig: JsonObject | null
  /** low_res_scheduler/scheduler_config.json of upscalers. */
  lowResSchedulerConfig: JsonObject | null
  /** By folder name. */
  parts: Readonly<Record<string, ModelPart>>
  tokenizers: Readonly<Record<string, TokenizerFiles>>
  latentPreview: LatentPreview | null
  misfits: readonly MisfitWord[]
  embeddings: readonly UsableEmbedding[]
  /** What holds for every picture that is made with them. */
  notices: readonly Notice[]
}

/** The first weight whose name fits, of the graph at this absolute path; null where there is none. */
export type ReadWeight = (graph: string, name: RegExp) => Promise<Tensor | null>

/** The part of this name, or `model-missing`. */
export function getPart(files: ModelFiles, name: string): ModelPart {
  const part = files.parts[name]
  if (part) return part
  throw new AppError('model-missing', `The model in ${files.folder} has no ${name}/model.onnx.`, {
    details: { file: `${name}/model.onnx`, folder: files.folder },
  })
}

/** A number of a config, or null where the key is absent or not a number. */
export function configNumber(config: JsonObject | null, key: string): number | null {
  const value = config?.[key]
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

/** A list of numbers of a config, or null. */
export function configNumbers(config: JsonObject | null, key: string): number[] | null {
  const value = config?.[key]
  return Array.isArray(value) && value.every(v => typeof v === 'number') ? value : null
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
