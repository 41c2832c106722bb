/**
 * The identity of a model: one SHA-256 over the files that decide the pixels, so that a picture can say which model made it
 * wherever that model's folder lies. What does not decide them (manifest, readme, licence, samples, embeddings, which a prompt chooses) is left out.
 *
 *   hash = SHA-256 of the lines "<SHA-256 of the file>  <path>\n", sorted by path: what `sha256sum` prints of those files
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '#contract/errors'

/** Remembers hashes of files between runs; a hash is good as long as size and time of the file are what they were. */
export interface FileHashCache {
  find(file: FileState): string | null
  put(file: FileState, hash: string): void
}

export interface FileState {
  /** Absolute. */
  path: string
  sizeBytes: number
  /** Milliseconds since 1970. */
  changedAt: number
}

const CHUNK_BYTES = 2 ** 20
const TEXT_FILES = new Set([
  'model_index.json',
  'hints.json',
  'config.json',
  'scheduler_config.json',
  'vocab.json',
  'merges.txt',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'spiece.model',
])
/** Graphs and what exporters call the files with their weights. */
const WEIGHTS = /(\.onnx([._]data([._]\d+)?)?|\.onnx_data_\d+|\.pb|\.bin|\.data|\.safetensors)$/

/** `files`: those of the folder, with forward slashes, in any order. */
export function pixelFiles(files: Iterable<string>): string[] {
  return [...files]
    .filter(file => {
      const [name = '', ...folders] = file.split('/').reverse()
      const isNear = (folders.length === 1 && folders[0] !== 'embeddings') || isRoot(file)
      return isNear && (TEXT_FILES.has(name) || WEIGHTS.test(name))
    })
    .sort()
}

/** Those of its autoencoder; all where it is part of one file with everything. */
export function autoencoderFiles(files: Iterable<string>): string[] {
  const all = pixelFiles(files)
  const own = all.filter(file => /^vae(_decoder|_encoder)?\//.test(file))
  return own.length > 0 ? own : all
}

/** Beside the parts: the index, a network without parts, and a checkpoint in one file with what is said about it. */
function isRoot(file: string): boolean {
  return file === 'model_index.json' || file === 'hints.json' || /^[^/]+\.(safetensors|onnx|onnx[._]data)$/.test(file)
}

export interface HashOptions {
  cache: FileHashCache
  signal?: AbortSignal | undefined
}

/** Reads at most once what has not changed. Throws `model-missing` for a file that has gone, `cancelled` on abort. */
export async function hashModel(folder: string, files: Iterable<string>, options: HashOptions): Promise<string> {
  const total = createHash('sha256')
  for (const file of pixelFiles(files)) {
    total.update(lineOf(await hashOnce(join(folder, file), file, options), file))
  }
  return total.digest('hex')
}

/** The same without reading a file; null where one has changed or was never read. */
export async function findModelHash(
  folder: string,
  files: Iterable<string>,
  cache: FileHashCache,
): Promise<string | null> {
  const total = createHash('sha256')
  for (const file of pixelFiles(files)) {
    const known = cache.find(await stateOf(join(folder, file)))
    if (known === null) return null
    total.update(lineOf(known, file))
  }
  return total.digest('hex')
}

function lineOf(hash: string, file: string): string {
  return `${hash}  ${file}\n`
}

/** Of one file (absolute `path`), called `file` in messages. Throws as `hashModel` does. */
export async function hashOnce(path: string, file: string, { cache, signal }: HashOptions): Promise<string> {
  try {
    const before = await stateOf(path)
    const known = cache.find(before)
    if (known !== null) return known
    const hash = await hashFile(path, signal)
    const after = await stateOf(path)
    // A file that is being written has a hash that nobody will see again.
    if (after.sizeBytes === before.sizeBytes && after.changedAt === before.changedAt) cache.put(before, hash)
    return hash
  } catch (cause) {
    if (signal?.aborted === true) throw new AppError('cancelled', 'Hashing of the model was stopped.', { cause })
    const message = `${file} of the model cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`
    throw new AppError('model-missing', message, { details: { file }, cause })
  }
}

async function stateOf(path: string): Promise<FileState> {
  const { size, mtimeMs } = await stat(path)
  return { path, sizeBytes: size, changedAt: mtimeMs }
}

async function hashFile(path: string, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash('sha256')
  const chunks: AsyncIterable<Buffer> = createReadStream(path, {
    highWaterMark: CHUNK_BYTES,
    ...(signal && { signal }),
  })
  for await (const chunk of chunks) hash.update(chunk)
  return hash.digest('hex')
}
