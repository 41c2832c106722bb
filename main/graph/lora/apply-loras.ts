/**
 * Hangs LoRA files on the weights of a checkpoint: W' = W + weight * (alpha / rank) * up down. Nothing is computed here; the
 * graph is written with the sum in it, which the runtime forms once when it opens the graph (see graph-writer.ts).
 */
import { createNotice, type Notice } from '#contract/notices'
import { AppError } from '#contract/errors'
import type { PartName } from '../checkpoint/original-names.ts'
import type { LowRank, StoredTensor, TensorMap } from '../checkpoint/weights.ts'
import { readLoraFile, shown, type LoraFile, type LoraModule } from './lora-file.ts'
import { LORA_PARTS, type LoraPart } from './lora-names.ts'
import { findModules, namesOfModules, type ModuleNames } from './module-names.ts'

/** A LoRA as it is used once. */
export interface LoraUse {
  /** Absolute. */
  file: string
  /** How much of it; 1 as it was trained. */
  weight: number
}

export type PartMaps = Partial<Record<PartName | LoraPart, TensorMap>>

export interface WithLoras {
  maps: PartMaps
  /** What of the files could not be used. */
  notices: readonly Notice[]
}

const WEIGHT = '.weight'

/** Throws `model-incompatible` naming file, tensor and shapes where a file was made for another kind of model. */
export async function applyLoras(maps: PartMaps, loras: readonly LoraUse[]): Promise<WithLoras> {
  const { maps: changed, notices } = await hang(maps, loras)
  return { maps: changed, notices }
}

/** What LoRAs change in a part, as a text that is the same where they change the same; empty: nothing. */
export function describeChanges(map: TensorMap): string {
  const changes = [...map.values()].flatMap(tensor => tensor.changes ?? [])
  return [...new Set(changes.map(({ up, scale }) => `${up.file} ${scale}`))].join('\n')
}

interface LeftOver {
  file: string
  module: LoraModule
}

async function hang(maps: PartMaps, loras: readonly LoraUse[]): Promise<WithLoras & { left: readonly LeftOver[] }> {
  if (loras.length === 0) return { maps, notices: [], left: [] }
  const names = new Map(LORA_PARTS.map(part => [part, namesOfModules(part, modulesOf(maps[part]))]))
  const changed = new Map(LORA_PARTS.map(part => [part, new Map(maps[part])]))
  const notices: Notice[] = []
  const allLeft: LeftOver[] = []
  for (const { file, weight } of loras) {
    const lora = await readLoraFile(file)
    const left: LoraModule[] = []
    for (const found of lora.modules) {
      const part = partIn(maps, found.part)
      const map = changed.get(part)
      const targets = findTargets(map, names.get(part), found)
      if (map === undefined || targets.length === 0) {
        left.push({ ...found, part })
        continue
      }
      checkShapes(lora, found, targets)
      const { down, mid, scale } = found
      for (const [i, up] of rowsOf(found.up, targets.map(outputsOf)).entries()) {
        const { key, tensor } = targets[i]
        const change: LowRank = { up, down, mid, scale: scale * weight }
        if (weight !== 0) map.set(key, { ...tensor, changes: [...(tensor.changes ?? []), change] })
      }
    }
    if (left.length === lora.modules.length) throw nothingFits(lora)
    notices.push(...noticesOf(lora, left))
    allLeft.push(...left.map(module => ({ file: lora.name, module })))
  }
  return {
    maps: { ...maps, ...Object.fromEntries([...changed].filter(([part]) => maps[part] !== undefined)) },
    notices,
    left: allLeft,
  }
}

/** The same for the weights of an ONNX export, of which none that a LoRA changes may be without a name. */
export async function applyToExport(maps: PartMaps, loras: readonly LoraUse[]): Promise<WithLoras> {
  const { maps: changed, notices, left } = await hang(maps, loras)
  const missing = left.find(({ module }) => maps[module.part] !== undefined)
  if (missing !== undefined) throw notNamed(missing)
  return { maps: changed, notices }
}

interface Target {
  key: string
  tensor: StoredTensor
}

function modulesOf(map: TensorMap = new Map()): string[] {
  return [...map.keys()].filter(name => name.endsWith(WEIGHT)).map(name => name.slice(0, -WEIGHT.length))
}

/** Trainers call a diffusion transformer "unet", and count T5 as the third encoder where FLUX has it as its second. */
function partIn(maps: PartMaps, part: LoraPart): LoraPart {
  if (maps.transformer === undefined) return part
  if (part === 'unet') return 'transformer'
  return part === 'text_encoder_3' && maps.text_encoder_3 === undefined ? 'text_encoder_2' : part
}

/** Several where an original matrix is several of this model's; none where one of them is not there. */
function findTargets(map: TensorMap = new Map(), names: ModuleNames = new Map(), { module }: LoraModule): Target[] {
  const modules = findModules(names, module)
  const found = modules.flatMap(name => {
    const key = `${name}${WEIGHT}`
    const tensor = map.get(key)
    // Norms and tables of words are no products of matrices.
    return tensor !== undefined && tensor.dims.length >= 2 && !key.endsWith('embedding.weight') ? [{ key, tensor }] : []
  })
  return found.length === modules.length ? found : []
}

function outputsOf({ tensor: { dims, isTransposed } }: Target): number {
  return dims[isTransposed === true ? dims.length - 1 : 0]
}

/** A matrix cut into so many rows each. */
function rowsOf(matrix: StoredTensor, counts: readonly number[]): StoredTensor[] {
  if (counts.length === 1) return [matrix]
  const { name, dims, start, end } = matrix
  const [rows, ...rest] = dims
  const rowBytes = (end - start) / rows
  let first = 0
  return counts.map(count => {
    const from = first
    first += count
    const place = { start: start + from * rowBytes, end: start + first * rowBytes }
    return { ...matrix, ...place, name: `${name}[${from}:${first}]`, dims: [count, ...rest] }
  })
}

function checkShapes(
  { name: file, madeFor }: LoraFile,
  { up, down, mid }: LoraModule,
  targets: readonly Target[],
): void {
  const [{ tensor }] = targets
  const inner = tensor.isTransposed === true ? tensor.dims.slice(0, -1).reverse() : tensor.dims.slice(1)
  const out = targets.map(outputsOf).reduce((sum, count) => sum + count, 0)
  const [rank = 0] = down.dims
  const kernel = mid === null ? down.dims.slice(1) : [down.dims[1] ?? 0, ...mid.dims.slice(2)]
  const fits = isSame(kernel, inner) && (mid === null || down.dims.slice(2).every(side => side === 1))
  if (fits && up.dims[0] === out) return
  const [wrong, expected] = fits ? [up, [out, ...up.dims.slice(1)]] : [down, [rank, ...inner]]
  const message = `${file} was made for another kind of model${saying(madeFor)}: ${wrong.name} is ${shown(wrong.dims)}, this model needs ${shown(expected)}.`
  const details = { file, tensor: wrong.name, expected, actual: wrong.dims }
  throw new AppError('model-incompatible', message, { details })
}

/** [in] and [in, 1, 1] are one thing: SD 1 projects with convolutions of one pixel. */
function isSame(a: readonly number[], b: readonly number[]): boolean {
  const trim = ([channels, ...sides]: readonly number[]): string =>
    sides.every(side => side === 1) ? String(channels) : [channels, ...sides].join()
  return trim(a) === trim(b)
}

function nothingFits({ name: file, modules, unknown, madeFor }: LoraFile): AppError {
  const [first] = modules
  const tensor = first?.down.name ?? unknown[0] ?? ''
  const actual = first === undefined ? 'no such tensor' : shown(first.down.dims)
  const message =
    first === undefined
      ? `${file} is no LoRA for Stable Diffusion: it has no pair of matrices${tensor === '' ? '' : `, but ${tensor}`}.`
      : `${file} fits nothing in this model${saying(madeFor)}: of what it changes, such as ${tensor} ${actual}, this model has nothing.`
  const expected = 'matrices for modules of this model'
  return new AppError('model-incompatible', message, { details: { file, tensor, expected, actual } })
}

function notNamed({ file, module: { down } }: LeftOver): AppError {
  const message = `${file} changes weights that this ONNX export does not name, such as ${down.name}: it was made of fused or nameless operators. The .safetensors files of the same model take it.`
  const expected = 'an export whose nodes have the names of their modules'
  return new AppError('model-incompatible', message, {
    details: { file, tensor: down.name, expected, actual: 'no such name' },
  })
}

function noticesOf({ name: file, modules, unknown }: LoraFile, left: readonly LoraModule[]): Notice[] {
  const [first] = left
  return [
    ...(first === undefined
      ? []
      : [
          createNotice('lora-parts-unused', {
            file,
            unused: left.length,
            all: modules.length,
            example: first.down.name,
          }),
        ]),
    ...(unknown.length === 0
      ? []
      : [createNotice('lora-tensors-unused', { file, unused: unknown.length, example: unknown[0] })]),
  ]
}

function saying(madeFor: string | null): string {
  return madeFor === null ? '' : ` (it says ${madeFor})`
}
