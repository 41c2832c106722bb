/**
 * The header of a `.safetensors` file: names, types, shapes and places of its tensors, without reading one
 * (https://github.com/huggingface/safetensors): 8 bytes length N, N bytes of JSON, data; offsets count from the data's start.
 */
import { z } from 'zod'
import { AppError } from '#contract/errors'
import type { ByteSource } from './byte-source.ts'
import { bytesPerElement, type OnnxType } from './onnx-types.ts'
import { recogniseOther } from './recognise-other.ts'

export interface SafeTensor {
  readonly dtype: OnnxType
  readonly dims: readonly number[]
  /** Bytes in the file. */
  readonly start: number
  readonly end: number
}

/** The format's own limit. */
const MAX_HEADER_BYTES = 100_000_000
const MAX_TENSORS = 200_000
const METADATA = '__metadata__'

const TYPES: Readonly<Record<string, OnnxType>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  I64: 'int64',
  I32: 'int32',
  I16: 'int16',
  I8: 'int8',
  U8: 'uint8',
  BOOL: 'bool',
}

const size = z.int().min(0)
const headerSchema = z.record(
  z.string(),
  z.union([
    z.object({ dtype: z.string(), shape: z.array(size).max(16), data_offsets: z.tuple([size, size]) }),
    z.record(z.string(), z.string()), // __metadata__
  ]),
)

export interface SafetensorsHeader {
  tensors: ReadonlyMap<string, SafeTensor>
  /** What the program that wrote the file says of it. */
  metadata: Readonly<Record<string, string>>
}

/** Throws `model-corrupt` naming file and tensor. */
export async function readSafetensorsHeader(source: ByteSource): Promise<ReadonlyMap<string, SafeTensor>> {
  return (await readSafetensorsFile(source)).tensors
}

/** The same with what the file says about itself. */
export async function readSafetensorsFile(source: ByteSource): Promise<SafetensorsHeader> {
  const head = await source.read(0, 512)
  const other = recogniseOther(source.size, head)
  if (other !== null) throw corrupt(source, `it is ${other.what}. ${other.remedy}`)
  const length = head.length < 8 ? -1 : Number(new DataView(head.buffer, head.byteOffset).getBigUint64(0, true))
  if (length < 2 || length > MAX_HEADER_BYTES) throw corrupt(source, 'it does not begin with the length of a header.')
  if (length + 8 > source.size) throw corrupt(source, 'it is cut off inside its header. Download it again.')
  const entries = parseHeader(source, await source.read(8, length))
  const tensors = new Map<string, SafeTensor>()
  let metadata: Record<string, string> = {}
  for (const [name, entry] of entries) {
    if (name !== METADATA) tensors.set(name, toTensor(source, 8 + length, name, entry))
    else metadata = Object.fromEntries(Object.entries(entry).filter(isText))
  }
  return { tensors, metadata }
}

function isText(entry: [string, unknown]): entry is [string, string] {
  return typeof entry[1] === 'string'
}

function parseHeader(source: ByteSource, bytes: Uint8Array): [string, z.infer<typeof headerSchema>[string]][] {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw corrupt(source, `its header is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
  const parsed = headerSchema.safeParse(json)
  const issue = parsed.error?.issues[0]
  if (!parsed.success) throw corrupt(source, `its header is wrong at ${issue?.path.join('.') ?? ''}.`)
  const entries = Object.entries(parsed.data)
  if (entries.length > MAX_TENSORS) throw corrupt(source, `it lists ${entries.length} tensors.`)
  return entries
}

function toTensor(source: ByteSource, dataStart: number, name: string, entry: z.infer<typeof headerSchema>[string]) {
  const { dtype, shape, data_offsets: offsets } = entry
  const type = typeof dtype === 'string' ? TYPES[dtype] : undefined
  if (!Array.isArray(shape) || !Array.isArray(offsets)) throw corrupt(source, `the entry ${name} has no shape.`)
  const tensor = {
    dtype: type ?? 'undefined',
    dims: shape,
    start: dataStart + offsets[0],
    end: dataStart + offsets[1],
  } as const
  const bytes = bytesPerElement(tensor.dtype)
  const expected = bytes === null ? null : shape.reduce((product, n) => product * n, bytes)
  if (offsets[1] < offsets[0] || (expected !== null && offsets[1] - offsets[0] !== expected)) {
    throw corrupt(source, `${name} [${shape.join(', ')}] ${tensor.dtype} has ${offsets[1] - offsets[0]} bytes.`)
  }
  if (tensor.end > source.size) {
    const missing = tensor.end - source.size
    throw corrupt(source, `it is cut off: ${missing} bytes of ${name} are missing. Download it again.`)
  }
  return tensor
}

function corrupt({ name, size: sizeBytes }: ByteSource, why: string): AppError {
  return new AppError('model-corrupt', `${name} is damaged: ${why}`, { details: { file: name, size: sizeBytes } })
}
