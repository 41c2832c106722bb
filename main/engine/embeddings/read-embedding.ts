/** One file of textual inversion: the vectors that stand for its word, by their names in the file. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { AppError } from '#contract/errors'
import { bytesSource } from '#graph/byte-source'
import { readSafetensorsHeader } from '#graph/safetensors'
import { readTorchTensors } from '#graph/torch/read-torch-tensors'

export const EMBEDDING_FILE = /\.(safetensors|pt|bin)$/i
/** The largest known has 75 vectors of 4,096 numbers; a checkpoint in the wrong folder is not read. */
export const MAX_EMBEDDING_BYTES = 16 * 2 ** 20

export interface Vectors {
  /** [count, width] */
  dims: readonly [number, number]
  data: Float32Array
}

/** With the SHA-256 of the file. Throws `model-corrupt` naming it. */
export async function readEmbedding(path: string): Promise<{ vectors: ReadonlyMap<string, Vectors>; hash: string }> {
  const [bytes, name] = [await readFile(path), basename(path)]
  const isSafe = extname(path).toLowerCase() === '.safetensors'
  const tensors = isSafe ? await readSafe(name, bytes) : readTorchTensors(name, bytes)
  const found = new Map<string, Vectors>()
  for (const [key, { dims, data }] of tensors) {
    const [count, width] = dims.length === 1 ? [1, dims[0]] : dims
    if (dims.length <= 2 && count !== undefined && width !== undefined && count > 0)
      found.set(key, { dims: [count, width], data })
  }
  if (found.size > 0) return { vectors: found, hash: createHash('sha256').update(bytes).digest('hex') }
  throw new AppError('model-corrupt', `${name} holds no vectors for a word.`, { details: { file: name } })
}

async function readSafe(name: string, bytes: Uint8Array) {
  const header = await readSafetensorsHeader(bytesSource(name, bytes))
  return [...header].flatMap(([key, { dtype, dims, start, end }]) => {
    const content = Uint8Array.from(bytes.subarray(start, end)).buffer
    if (dtype === 'float32') return [[key, { dims, data: new Float32Array(content) }] as const]
    return dtype === 'float16' ? [[key, { dims, data: Float32Array.from(new Float16Array(content)) }] as const] : []
  })
}
