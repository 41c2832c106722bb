/** A LoRA file (Hu et al. 2021, arXiv 2106.09685) in `.safetensors`: which modules it changes and by which matrices. Only its header and its alphas are read. */
import { basename } from 'node:path'
import { AppError } from '#contract/errors'
import { withFileSource, type ByteSource } from '../byte-source.ts'
import type { StoredTensor } from '../checkpoint/weights.ts'
import { readSafetensorsFile, type SafeTensor } from '../safetensors.ts'
import { readAdapterConfig, type AdapterConfig } from './adapter-config.ts'
import { otherKindOf, parseLoraName, type LoraName, type LoraPart } from './lora-names.ts'

/** One module that a file changes: scale * up down, where scale = alpha / rank. */
export interface LoraModule {
  part: LoraPart
  /** As the file names it. */
  module: string
  up: StoredTensor
  down: StoredTensor
  mid: StoredTensor | null
  scale: number
}

export interface LoraFile {
  /** For messages. */
  name: string
  modules: readonly LoraModule[]
  /** Tensors that mean nothing to a LoRA. */
  unknown: readonly string[]
  /** What its maker says that it belongs to; null where it says nothing. */
  madeFor: string | null
}

type Pieces = Partial<Record<LoraName['role'], StoredTensor>>

/** `path` is absolute. Throws `model-corrupt` naming file and tensor, `model-incompatible` for other ways to change weights. */
export async function readLoraFile(path: string): Promise<LoraFile> {
  const name = basename(path)
  return withFileSource(path, name, async source => {
    const { tensors, metadata } = await readSafetensorsFile(source)
    const { groups, unknown } = groupTensors(name, path, tensors)
    const config = readAdapterConfig(metadata)
    const modules: LoraModule[] = []
    for (const { pieces, ...place } of groups) modules.push(await toModule(source, place, pieces, config))
    return { name, modules, unknown, madeFor: madeFor(metadata) }
  })
}

function groupTensors(file: string, path: string, tensors: ReadonlyMap<string, SafeTensor>) {
  const groups = new Map<string, Pick<LoraName, 'part' | 'module'> & { pieces: Pieces }>()
  const unknown: string[] = []
  for (const [key, tensor] of tensors) {
    const kind = otherKindOf(key)
    if (kind !== null)
      throw wrong(file, key, 'the matrices of a LoRA', kind, `is a ${kind}, which works otherwise than a LoRA`)
    const place = parseLoraName(key)
    if (place === null) {
      unknown.push(key)
      continue
    }
    const { part, module, role } = place
    const group = groups.get(`${part} ${module}`) ?? { part, module, pieces: {} }
    groups.set(`${part} ${module}`, group)
    group.pieces[role] = { ...tensor, name: key, file: path }
  }
  return { groups: groups.values(), unknown }
}

async function toModule(
  source: ByteSource,
  { part, module }: Pick<LoraName, 'part' | 'module'>,
  { down, up, mid: kernel, alpha }: Pieces,
  config: AdapterConfig,
): Promise<LoraModule> {
  const mid = kernel ?? null
  if (down === undefined || up === undefined) {
    const there = Object.values({ down, up, alpha }).find(tensor => tensor !== undefined)?.name ?? module
    const side = down === undefined ? 'down' : 'up'
    throw corrupt(source.name, there, `a tensor for the ${side} side of ${module}`, 'none')
  }
  for (const tensor of [down, up, ...(mid === null ? [] : [mid])]) {
    if (FLOATS.has(tensor.dtype)) continue
    throw corrupt(source.name, tensor.name, 'float32, float16 or bfloat16', tensor.dtype)
  }
  const [rank = 0] = down.dims
  const inner = mid?.dims.slice(0, 2) ?? [rank, rank]
  if (rank < 1 || inner[1] !== rank || up.dims[1] !== inner[0] || pixels(up) !== 1) {
    throw corrupt(source.name, up.name, `[out, ${inner[0]}] as ${down.name} has it`, shown(up.dims))
  }
  const written = alpha === undefined ? config.alphaOf(part, module) : await readNumber(source, alpha)
  return { part, module, up, down, mid, scale: (written ?? rank) / config.divisorOf(part, rank) }
}

const FLOATS = new Set(['float32', 'float16', 'bfloat16'])

/** Of a kernel. */
function pixels({ dims }: StoredTensor): number {
  return dims.slice(2).reduce((product, side) => product * side, 1)
}

async function readNumber(source: ByteSource, { name, dtype, start, end, dims }: StoredTensor): Promise<number> {
  const bytes = await source.read(start, end - start)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const isOne = dims.every(side => side === 1)
  const value = isOne ? decode(view, dtype) : null
  if (value !== null && Number.isFinite(value)) return value
  throw corrupt(source.name, name, 'one number', isOne ? dtype : shown(dims))
}

function decode(view: DataView, dtype: string): number | null {
  switch (dtype) {
    case 'float32':
      return view.getFloat32(0, true)
    case 'float64':
      return view.getFloat64(0, true)
    case 'float16':
      return view.getFloat16(0, true)
    case 'bfloat16': {
      const wide = new DataView(new ArrayBuffer(4))
      wide.setUint16(2, view.getUint16(0, true), true)
      return wide.getFloat32(0, true)
    }
    case 'int32':
      return view.getInt32(0, true)
    case 'int64':
      return Number(view.getBigInt64(0, true))
    default:
      return null
  }
}

/** kohya's trainer and others write it by the convention of modelspec (https://github.com/Stability-AI/ModelSpec). */
function madeFor(metadata: Readonly<Record<string, string>>): string | null {
  return metadata['modelspec.architecture'] ?? metadata['ss_base_model_version'] ?? null
}

export function shown(dims: readonly number[]): string {
  return `[${dims.join(', ')}]`
}

function wrong(file: string, tensor: string, expected: string, actual: string, what: string): AppError {
  const message = `${file} ${what} (${tensor}), and Easel cannot use it.`
  return new AppError('model-incompatible', message, { details: { file, tensor, expected, actual } })
}

function corrupt(file: string, tensor: string, expected: string, actual: string): AppError {
  const message = `${file} is no whole LoRA: ${tensor}: expected ${expected}, found ${actual}.`
  return new AppError('model-corrupt', message, { details: { file, tensor, expected, actual } })
}
