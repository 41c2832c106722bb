/** What detection is given of a model's folder: sizes, parsed JSON and the headers of its graphs. Plain data; see read-contents.ts. */
import type { ErrorPayload } from '#contract/errors'
import type { GraphValue, OnnxHeader } from '#graph/onnx-types'

export const SCHEDULER_CONFIG = 'scheduler/scheduler_config.json'

export type Json = Readonly<Record<string, unknown>>

export interface FolderContents {
  /** Files inside the folder, with forward slashes -> bytes. */
  readonly files: ReadonlyMap<string, number>
  /** By path: model_index.json, scheduler/scheduler_config.json, <part>/config.json. */
  readonly json: ReadonlyMap<string, Json>
  /** Headers by path: unet/model.onnx. */
  readonly graphs: ReadonlyMap<string, OnnxHeader>
  /** Graphs that Easel writes for a checkpoint in `.safetensors`, by the name of the part. */
  readonly written: ReadonlyMap<string, WrittenPart>
  /** Highest id of each tokenizer folder's vocabulary, where it could be read. */
  readonly highestIds: ReadonlyMap<string, number>
  /** Files that are there and cannot be understood. */
  readonly damaged: readonly ErrorPayload[]
}

export type WrittenPart = Omit<Part, 'name'>

/** A network of the model: its folder name ('' beside the manifest), its graph, its config. */
export interface Part {
  readonly name: string
  readonly file: string
  readonly header: OnnxHeader
  readonly config: Json | null
}

/** `model.onnx`, or the only graph in the part's folder; null when there is none or several. */
export function graphFileOf(files: ReadonlyMap<string, number>, part: string): string | null {
  const graphs = [...files.keys()].filter(file => file.startsWith(`${part}/`) && /^[^/]+\/[^/]+\.onnx$/.test(file))
  const usual = `${part}/model.onnx`
  if (graphs.includes(usual)) return usual
  return graphs.length === 1 && graphs[0] !== undefined ? graphs[0] : null
}

/** All parts whose graph could be read, in the order of their names. */
export function partsOf({ files, graphs, json, written }: FolderContents): Part[] {
  const exported = partNamesOf(files).flatMap(name => {
    const file = graphFileOf(files, name)
    const header = file === null ? undefined : graphs.get(file)
    return file === null || header === undefined
      ? []
      : [{ name, file, header, config: json.get(`${name}/config.json`) ?? null }]
  })
  return [...exported, ...[...written].map(([name, part]) => ({ name, ...part }))]
}

/** Folders that hold files, sorted. */
export function partNamesOf(files: ReadonlyMap<string, number>): string[] {
  return [...new Set([...files.keys()].flatMap(file => /^([^/]+)\/[^/]+$/.exec(file)?.[1] ?? []))].sort()
}

/** Path of a file that lies beside a part's graph. */
export function inFolder(part: string, file: string): string {
  return part === '' ? file : `${part}/${file}`
}

/** A fixed axis of an input or output, null where it is dynamic or not there. */
export function axis(value: GraphValue | undefined, index: number): number | null {
  const size = value?.shape?.[index]
  return typeof size === 'number' && size > 0 ? size : null
}

export function findInput(part: Part, name: string): GraphValue | undefined {
  return part.header.inputs.find(input => input.name === name)
}

/** The shape of the first weight whose name ends so. */
export function weightDims(part: Part, pattern: RegExp): readonly number[] | null {
  return part.header.initializers.find(weight => pattern.test(weight.name))?.dims ?? null
}

export function numberOf(config: Json | null, key: string): number | null {
  const value = config?.[key]
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

/** Length of a list in a config, null where there is none. */
export function lengthOf(config: Json | null, key: string): number | null {
  const value = config?.[key]
  return Array.isArray(value) && value.length > 0 ? value.length : null
}
