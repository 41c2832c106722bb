/** Loads the fixtures of model-headers back into what detection takes, and bends them. */
import { readFileSync } from 'node:fs'
import type { ErrorPayload } from '#contract/errors'
import type { FolderContents, Json } from '../../main/catalog/detect/folder-contents.ts'
import type { GraphValue, Initializer, OnnxHeader, OnnxType } from '#graph/onnx-types'

interface SavedHeader {
  irVersion: number
  producer: string
  opsets: Record<string, number>
  inputs: GraphValue[]
  outputs: GraphValue[]
  initializers: string[]
  operators: [string, string, number][]
  functions: string[]
}

interface SavedContents {
  files: Record<string, number>
  json: Record<string, Json>
  graphs: Record<string, SavedHeader>
  highestIds: Record<string, number>
  damaged: ErrorPayload[]
}

export function loadContents(name: string): FolderContents {
  const url = new URL(`../fixtures/model-headers/${name}.json`, import.meta.url)
  const saved = JSON.parse(readFileSync(url, 'utf8')) as SavedContents
  return {
    files: new Map(Object.entries(saved.files)),
    json: new Map(Object.entries(saved.json)),
    graphs: new Map(Object.entries(saved.graphs).map(([file, header]) => [file, toHeader(header)])),
    written: new Map(),
    highestIds: new Map(Object.entries(saved.highestIds)),
    damaged: saved.damaged,
  }
}

/** The same folder without every file for which `gone` holds. */
export function without(contents: FolderContents, gone: (file: string) => boolean): FolderContents {
  const keep = <T>(map: ReadonlyMap<string, T>) => new Map([...map].filter(([file]) => !gone(file)))
  return { ...contents, files: keep(contents.files), json: keep(contents.json), graphs: keep(contents.graphs) }
}

/** The same folder with another config; `change` sees the old one. */
export function withJson(contents: FolderContents, file: string, change: (old: Json) => Json): FolderContents {
  return { ...contents, json: new Map(contents.json).set(file, change(contents.json.get(file) ?? {})) }
}

/** The same folder with another header. */
export function withHeader(
  contents: FolderContents,
  file: string,
  change: (old: OnnxHeader) => OnnxHeader,
): FolderContents {
  const old = contents.graphs.get(file)
  if (old === undefined) throw new Error(`the fixture has no ${file}`)
  return { ...contents, graphs: new Map(contents.graphs).set(file, change(old)) }
}

function toHeader({ opsets, operators, functions, initializers, ...rest }: SavedHeader): OnnxHeader {
  return {
    ...rest,
    opsets: new Map(Object.entries(opsets)),
    operators: operators.map(([domain, type, count]) => ({ domain, type, count, firstNode: '' })),
    functions: new Set(functions),
    initializers: initializers.map(toInitializer),
  }
}

function toInitializer(line: string): Initializer {
  const [name = '', dtype = '', dims = '', location, offset, length] = line.split('|')
  return {
    name,
    dtype: dtype as OnnxType,
    dims: dims === '' ? [] : dims.split(' ').map(Number),
    inline: null,
    external: location === undefined ? null : { location, offset: Number(offset), length: Number(length) },
  }
}
