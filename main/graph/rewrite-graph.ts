/**
 * A graph of some kB in the place of an ONNX file: everything is copied but the weights, which stay in the file and are
 * opened from there by offset. ONNX Runtime maps them into memory instead of reading the file and then copying each weight
 * out of it; a caller may put other nodes in the place of some.
 */
import { stat } from 'node:fs/promises'
import { basename, dirname, join as joinPath } from 'node:path'
import { withFileSource, type ByteSource } from './byte-source.ts'
import { ProtoReader, type Field } from './proto-reader.ts'
import { bytesField, join, numberField, type Pieces } from './proto-writer.ts'
import { readOnnxHeader } from './read-header.ts'
import { readTensor, readValue } from './read-values.ts'
import { externalTensor, inlineTensor } from './tensor-writer.ts'
import { placeWeights, type WeightPlaces, type WrittenGraph } from './weight-places.ts'

export interface GraphChanges {
  /** Fields of a graph in the place of the node whose content begins at this byte of the file. */
  nodes: ReadonlyMap<number, Pieces>
  /** Fields of the graph behind its own. */
  added: Pieces
  /** Weights under other names: old -> new. */
  renamed: ReadonlyMap<string, string>
  /** Nodes before its own, with further weights from these files (absolute). */
  before: { files: readonly string[]; fields(places: WeightPlaces): { nodes: Pieces; initializers: Pieces } } | null
}

/** Smaller ones stay in the graph. */
const EXTERNAL_BYTES = 1024
const GRAPH_FIELD = 7
export const [NODE, INITIALIZER] = [1, 5]
const INPUT = 11
export const NO_CHANGES: GraphChanges = { nodes: new Map(), added: [], renamed: new Map(), before: null }

/** `file` is absolute. Throws what reading its header throws. */
export async function rewriteGraph(file: string, changes: GraphChanges = NO_CHANGES): Promise<WrittenGraph> {
  return withFileSource(file, basename(file), async source => {
    const { initializers } = await readOnnxHeader(source)
    const beside = (location: string) => joinPath(dirname(file), location)
    const locations = initializers.flatMap(({ external }) => (external === null ? [] : [external.location]))
    const places = await placeWeights([file, ...locations.map(beside), ...(changes.before?.files ?? [])])
    const rewriter = new Rewriter(source, { changes, places, file, beside })
    return { bytes: join(await rewriter.model()), folder: places.folder }
  })
}

interface Rewriting {
  changes: GraphChanges
  places: WeightPlaces
  file: string
  /** Absolute path of a weight file that the graph names. */
  beside: (location: string) => string
}

class Rewriter {
  private readonly source: ByteSource
  private readonly reader: ProtoReader
  private readonly plan: Rewriting

  constructor(source: ByteSource, plan: Rewriting) {
    this.source = source
    this.reader = new ProtoReader(source)
    this.plan = plan
  }

  async model(): Promise<Pieces> {
    return this.mapFields({ number: 0, value: null, bytes: { start: 0, end: this.source.size } }, field =>
      field.number === GRAPH_FIELD ? this.graph(field) : this.copy(field),
    )
  }

  private async graph(graph: Field): Promise<Pieces> {
    const { nodes, added, renamed, before } = this.plan.changes
    const further = before?.fields(this.plan.places)
    const content = await this.mapFields(graph, async field => {
      if (field.number === INITIALIZER) return this.initializer(field)
      // A weight of old files is an input too; one that is made by a node is none.
      if (field.number === INPUT && renamed.has((await readValue(this.reader, field)).name)) return []
      const other = field.number === NODE ? nodes.get(field.bytes?.start ?? -1) : undefined
      return other ?? this.copy(field)
    })
    const [first, last] = [further?.nodes ?? [], further?.initializers ?? []]
    return bytesField(GRAPH_FIELD, [...first, ...content, ...added, ...last])
  }

  private async initializer(field: Field): Promise<Pieces> {
    const read = await readTensor(this.reader, field)
    const { places, file, beside, changes } = this.plan
    const name = changes.renamed.get(read.name)
    const weight = name === undefined ? read : { ...read, name }
    if (weight.external !== null) {
      const { location, offset, length } = weight.external
      const path = beside(location)
      const end = length === null ? (await stat(path)).size : offset + length
      return bytesField(INITIALIZER, externalTensor(weight, places.locationOf(path), offset, end))
    }
    const { inline } = weight
    if (inline !== null && name !== undefined && inline.end - inline.start < EXTERNAL_BYTES) {
      const bytes = (await this.source.read(inline.start, inline.end - inline.start)).slice()
      return bytesField(INITIALIZER, inlineTensor(weight, bytes))
    }
    if (inline === null || inline.end - inline.start < EXTERNAL_BYTES) return this.copy(field)
    return bytesField(INITIALIZER, externalTensor(weight, places.locationOf(file), inline.start, inline.end))
  }

  private async mapFields(parent: Field, map: (field: Field) => Promise<Pieces> | Pieces): Promise<Pieces> {
    const pieces: Uint8Array[] = []
    const message = { position: parent.bytes?.start ?? 0, end: parent.bytes?.end ?? 0 }
    for (let field = await this.reader.next(message); field !== null; field = await this.reader.next(message)) {
      pieces.push(...(await map(field)))
    }
    return pieces
  }

  private async copy({ number, value, bytes }: Field): Promise<Pieces> {
    if (bytes === null) return numberField(number, value ?? 0)
    return bytesField(number, [(await this.source.read(bytes.start, bytes.end - bytes.start)).slice()])
  }
}
