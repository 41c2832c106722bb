/**
 * What a sampler remembers between two steps, and its way into JSON and back without losing a bit: numbers go as they are
 * (JSON keeps doubles), arrays as base64 of their little-endian float32 bytes.
 */
import { AppError } from '#contract/errors'

export type Remembered = number | boolean | null | Float32Array | Remembered[]

/** Where the sampler stands. `stepIndex` is null until the first call of a run. */
export interface Memory {
  stepIndex: number | null
  beginIndex: number | null
  [name: string]: Remembered
}

export function encodeMemory(value: Remembered): unknown {
  if (value instanceof Float32Array) return { float32: toBase64(value) }
  if (Array.isArray(value)) return value.map(encodeMemory)
  return value
}

export function decodeMemory(raw: unknown, path: string): Remembered {
  if (raw === null || typeof raw === 'number' || typeof raw === 'boolean') return raw
  if (Array.isArray(raw)) return raw.map((item, i) => decodeMemory(item, `${path}[${i}]`))
  if (typeof raw === 'object' && 'float32' in raw && typeof raw.float32 === 'string') return fromBase64(raw.float32)
  throw new AppError('storage-corrupt', `The saved sampler state cannot be read at ${path}.`)
}

function toBase64(values: Float32Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64')
}

function fromBase64(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64')
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}
