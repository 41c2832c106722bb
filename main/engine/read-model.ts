/**
 * Reads a model's folder (diffusers' ONNX layout) into the plain data that the pipeline is made from: configs parsed,
 * tokenizer texts, paths of the graphs. It opens no graph; a folder without a config is as legal as one with it, and one
 * with `.safetensors` files instead of graphs too.
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '#contract/errors'
import { parsePythonJson } from '#contract/python-json'
import { modelManifestSchema, type ModelManifest } from '#contract/models'
import { withFileSource } from '#graph/byte-source'
import type { LoraUse } from '#graph/lora/apply-loras'
import { countHalvings } from '#graph/count-halvings'
import { findMisreadConvolutions } from '#graph/misread-convolutions'
import { readOnnxHeader } from '#graph/read-header'
import { addLorasToExport } from './export-loras.ts'
import { readClipWords } from './clip-words.ts'
import { writeLargeGraph } from './large-graph.ts'
import { readCheckpoint } from './read-checkpoint.ts'
import {
  isJsonObject,
  type JsonObject,
  type ModelFiles,
  type ModelPart,
  type TokenizerFiles,
} from '#pipeline/model-files'

/** Throws `model-missing` when there is no such folder, `model-corrupt` naming the file that cannot be parsed. */
export async function readModelFiles(folder: string, loras: readonly LoraUse[] = []): Promise<ModelFiles> {
  const names = await listFolders(folder)
  const [index, schedulerConfig, lowResSchedulerConfig, manifest, parts, tokenizers] = await Promise.all([
    readJson(folder, 'model_index.json'),
    readJson(folder, 'scheduler/scheduler_config.json'),
    readJson(folder, 'low_res_scheduler/scheduler_config.json'),
    readManifest(folder),
    Promise.all(names.map(name => readPart(folder, name))),
    Promise.all(names.filter(isTokenizerName).map(name => readTokenizer(folder, name))),
  ])
  const isExported = parts.some(part => part?.name === 'unet' || part?.name === 'transformer')
  const checkpoint = isExported ? null : await readCheckpoint(folder, file => readJson(folder, file), loras)
  const there = parts.filter(part => part !== null)
  const exported = await addLorasToExport(there, isExported ? loras : [])
  const all = [...exported.parts, ...(checkpoint?.parts ?? [])]
  const own = await ownTokenizers(checkpoint?.parts ?? [], names)
  return {
    folder,
    index,
    schedulerConfig: schedulerConfig ?? checkpoint?.schedulerConfig ?? null,
    lowResSchedulerConfig,
    parts: Object.fromEntries(all.map(part => [part.name, part])),
    tokenizers: Object.fromEntries([...own, ...tokenizers].map(tokenizer => [tokenizer.name, tokenizer])),
    latentPreview: manifest?.latentPreview ?? null,
    misfits: [],
    embeddings: [],
    notices: checkpoint?.notices ?? exported.notices,
  }
}

/** Of a checkpoint's text encoders that come without: Easel has CLIP's. */
async function ownTokenizers(parts: readonly ModelPart[], folders: readonly string[]): Promise<TokenizerFiles[]> {
  const found: TokenizerFiles[] = []
  for (const part of parts) {
    const name = part.name.replace('text_encoder', 'tokenizer')
    const words = name === part.name || folders.includes(name) ? null : await readClipWords(part, name)
    if (words !== null) found.push(words)
  }
  return found
}

/** One tokenizer folder; files that are absent are null. */
export async function readTokenizer(folder: string, name: string): Promise<TokenizerFiles> {
  const [vocab, merges, tokenizerJson, sentencePiece, config, specialTokens] = await Promise.all([
    readJson(folder, `${name}/vocab.json`),
    readText(folder, `${name}/merges.txt`),
    readJson(folder, `${name}/tokenizer.json`),
    readBytes(folder, `${name}/spiece.model`),
    readJson(folder, `${name}/tokenizer_config.json`),
    readJson(folder, `${name}/special_tokens_map.json`),
  ])
  return {
    name,
    vocab: vocab === null ? null : toVocab(vocab, `${name}/vocab.json`),
    merges,
    tokenizerJson,
    sentencePiece,
    config,
    specialTokens,
  }
}

async function readManifest(folder: string): Promise<ModelManifest | null> {
  const json = await readJson(folder, 'manifest.json')
  if (json === null) return null
  const parsed = modelManifestSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw corrupt('manifest.json', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'wrong shape'}`)
}

async function readPart(folder: string, name: string): Promise<ModelPart | null> {
  const files = await readdir(join(folder, name))
  const graphs = files.filter(file => file.endsWith('.onnx'))
  const graph = graphs.includes('model.onnx') ? 'model.onnx' : graphs.length === 1 ? graphs[0] : undefined
  if (graph === undefined) return null
  const sizes = await Promise.all(files.map(async file => (await stat(join(folder, name, file))).size))
  const path = join(folder, name, graph)
  const config = await readJson(folder, `${name}/config.json`)
  const write = writeLargeGraph(path, (await stat(path)).size)
  return {
    name,
    graph: path,
    config,
    ...(write && { write }),
    processorNodes: async provider =>
      provider === 'webgpu' ? withFileSource(path, path, findMisreadConvolutions) : [],
    halvings: config === null ? await readHalvings(path) : null,
    weightBytes: sizes.reduce((sum, size) => sum + size, 0),
  }
}

/** A graph that cannot be read says so when it is opened, if it is opened at all. */
async function readHalvings(graph: string): Promise<number | null> {
  try {
    return countHalvings(await withFileSource(graph, graph, readOnnxHeader))
  } catch {
    return null
  }
}

async function listFolders(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    const isFolder = await Promise.all(
      entries.map(
        async entry =>
          entry.isDirectory() || (entry.isSymbolicLink() && (await stat(join(folder, entry.name))).isDirectory()),
      ),
    )
    return entries
      .filter((_, i) => isFolder[i])
      .map(entry => entry.name)
      .sort()
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOTDIR') return [] // a checkpoint without a folder
    throw new AppError('model-missing', `There is no model folder ${folder}.`, { details: { folder }, cause })
  }
}

function isTokenizerName(name: string): boolean {
  return /^tokenizer(_\d+)?$/.test(name)
}

async function readJson(folder: string, file: string): Promise<JsonObject | null> {
  const text = await readText(folder, file)
  if (text === null) return null
  try {
    const json: unknown = parsePythonJson(text)
    if (isJsonObject(json)) return json
  } catch (cause) {
    throw corrupt(file, cause instanceof Error ? cause.message : String(cause))
  }
  throw corrupt(file, 'it is not a JSON object')
}

async function readText(folder: string, file: string): Promise<string | null> {
  const bytes = await readBytes(folder, file)
  return bytes === null ? null : bytes.toString('utf8')
}

async function readBytes(folder: string, file: string): Promise<Buffer | null> {
  try {
    return await readFile(join(folder, file))
  } catch (error) {
    if (isMissing(error)) return null
    throw new AppError('model-missing', `${file} of the model in ${folder} cannot be read.`, {
      details: { file },
      cause: error,
    })
  }
}

function toVocab(json: JsonObject, file: string): Record<string, number> {
  for (const [token, id] of Object.entries(json)) {
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0)
      throw corrupt(file, `the id of "${token}" is not a whole number`)
  }
  return json as Record<string, number>
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ENOENT' || code === 'ENOTDIR'
}

function corrupt(file: string, why: string): AppError {
  return new AppError('model-corrupt', `${file} is damaged: ${why}.`, { details: { file } })
}
