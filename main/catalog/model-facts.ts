/**
 * Collects what a model's folder says about itself, as plain data for `judge-model.ts`. It opens no graph and decides
 * nothing: a file that cannot be read becomes a fact too.
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, relative, sep } from 'node:path'
import { toErrorPayload, type ErrorPayload } from '#contract/errors'
import { knownWordsSchema, modelManifestSchema, type KnownWords, type ModelManifest } from '#contract/models'
import { parseInput } from '#contract/parse'
import { parsePythonJson } from '#contract/python-json'

export type Config = Readonly<Record<string, unknown>>

export interface ModelFacts {
  folderName: string
  /** Absolute: where `files` lie. A checkpoint that has no folder of its own lies among others. */
  root: string
  /** Files inside the folder, with forward slashes -> bytes. */
  files: ReadonlyMap<string, number>
  /** Parsed JSON of the files that matter, by path: "model_index.json", "unet/config.json", ... */
  configs: ReadonlyMap<string, Config>
  manifest: ModelManifest | null
  knownWords: KnownWords | null
  /** Files that are there but cannot be understood. */
  unreadable: readonly ErrorPayload[]
  /** Of the file that changed last, in milliseconds since 1970. */
  changedAt: number
}

export const INDEX_FILE = 'model_index.json'
/** What a checkpoint in one file does not say about itself. */
export const HINTS_FILE = 'hints.json'
/** Of an autoencoder that lies in a folder of its own. */
export const CONFIG_FILE = 'config.json'
export const MANIFEST_FILE = 'manifest.json'
const MAX_DEPTH = 3
/** Of those that the engine reads, directly in the model's folder or in that of a part. */
const NAME_OF_A_FILE =
  /^(?:[^/]+\/)?(?:model_index|[a-z_]*config|vocab|tokenizer|special_tokens_map)\.json$|^[^/]+\/(?:merges\.txt|spiece\.model|model\.onnx)$/

/** Reads `folder` (absolute), or the one file that stands for it; throws only when the folder itself cannot be listed. */
export async function readModelFacts(folder: string): Promise<ModelFacts> {
  const { files, changedAt, misplaced, isFile } = await listFiles(folder)
  const unreadable: ErrorPayload[] = misplaced.map(path => ({
    code: 'model-corrupt',
    message: `${path} is a folder where a file belongs.`,
    details: { file: path },
  }))
  async function readJson<T>(path: string, parse: (raw: unknown) => T): Promise<T | null> {
    if (!files.has(path)) return null
    try {
      return parse(parsePythonJson(await readFile(join(folder, path), 'utf8')))
    } catch (thrown) {
      unreadable.push({
        code: 'model-corrupt',
        message: `${path} cannot be understood: ${toErrorPayload(thrown).message}`,
        details: { file: path },
      })
      return null
    }
  }
  const configs = new Map<string, Config>()
  for (const path of [...files.keys()].filter(isConfigPath)) {
    const config = await readJson(path, asObject)
    if (config !== null) configs.set(path, config)
  }
  const manifest = await readJson(MANIFEST_FILE, raw => parseInput(modelManifestSchema, raw))
  const wordsFile = manifest?.knownWords
  const knownWords =
    wordsFile === undefined ? null : await readJson(wordsFile, raw => parseInput(knownWordsSchema, raw))
  const { root, name } = isFile
    ? { root: dirname(folder), name: basename(folder, extname(folder)) }
    : { root: folder, name: basename(folder) }
  return { folderName: name, root, files, configs, manifest, knownWords, unreadable, changedAt }
}

function isConfigPath(path: string): boolean {
  return [INDEX_FILE, HINTS_FILE, CONFIG_FILE].includes(path) || /^[^/]+\/(config|scheduler_config)\.json$/.test(path)
}

function asObject(raw: unknown): Config {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) throw new TypeError('it is not a JSON object')
  return Object.fromEntries(Object.entries(raw))
}

/** Every file down to MAX_DEPTH; links are followed, as model caches consist of them. */
async function listFiles(
  root: string,
): Promise<{ files: Map<string, number>; changedAt: number; misplaced: string[]; isFile: boolean }> {
  const own = await stat(root)
  if (own.isFile()) {
    return { files: new Map([[basename(root), own.size]]), changedAt: own.mtimeMs, misplaced: [], isFile: true }
  }
  const found = new Map<string, number>()
  const misplaced: string[] = []
  let changedAt = 0
  async function walk(folder: string, depth: number): Promise<void> {
    for (const name of (await readdir(folder)).sort()) {
      const path = join(folder, name)
      const facts = await stat(path).catch(() => null) // a link that leads nowhere is a file that is not there
      const inside = relative(root, path).split(sep).join('/')
      if (facts?.isDirectory() === true && NAME_OF_A_FILE.test(inside)) misplaced.push(inside)
      else if (facts?.isDirectory() === true && depth < MAX_DEPTH) await walk(path, depth + 1)
      if (facts?.isFile() !== true) continue
      found.set(inside, facts.size)
      changedAt = Math.max(changedAt, facts.mtimeMs)
    }
  }
  await walk(root, 1)
  return { files: found, changedAt, misplaced, isFile: false }
}
