/**
 * Gives a text encoder's graph more words: rows behind those of its token embedding, which textual inversion taught
 * (Gal et al. 2022, arXiv 2208.01618). The file is not touched: a graph of some kB is written whose weights lie in the
 * old file, and instead of one look-up stand these, so that the large table is not copied either:
 *
 *   own = ids < rows       e = table[own ? ids : 0] * (1 - new) + added[own ? 0 : ids - rows + 1]       new = [0, 1, 1, ...]
 */
import { stat } from 'node:fs/promises'
import { basename, dirname, join as joinPath } from 'node:path'
import { AppError } from '#contract/errors'
import { withFileSource, type ByteSource } from './byte-source.ts'
import { findLookup, type Lookup } from './find-lookup.ts'
import { ProtoReader, type Field } from './proto-reader.ts'
import { bytesField, join, numberField, textField, type Pieces } from './proto-writer.ts'
import { readOnnxHeader } from './read-header.ts'
import { readTensor } from './read-values.ts'
import { externalTensor, float16Bytes, float32Bytes, inlineTensor, integerBytes } from './tensor-writer.ts'
import { placeWeights, type WeightPlaces, type WrittenGraph } from './weight-places.ts'

/** Smaller ones stay in the graph. */
const EXTERNAL_BYTES = 1024
const GRAPH_FIELD = 7
const [NODE, INITIALIZER] = [1, 5]

/** `vectors`: one row a new id, the first of which is the number of the table's rows. */
export async function extendEmbedding(file: string, vectors: readonly Float32Array[]): Promise<WrittenGraph> {
  return withFileSource(file, basename(file), async source => {
    const header = await readOnnxHeader(source)
    const lookup = await findLookup(source, header)
    if (lookup === null || vectors.some(({ length }) => length !== lookup.width)) throw noLookup(file)
    const locations = header.initializers.flatMap(({ external }) => (external === null ? [] : [external.location]))
    const beside = (location: string) => joinPath(dirname(file), location)
    const places = await placeWeights([file, ...locations.map(beside)])
    const rewriter = new Rewriter(source, { lookup, vectors, places, file, beside })
    return { bytes: join(await rewriter.model()), folder: places.folder }
  })
}

interface Rewriting {
  lookup: Lookup
  vectors: readonly Float32Array[]
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
    const { lookup, vectors } = this.plan
    const content = await this.mapFields(graph, async field => {
      if (field.number === INITIALIZER) return this.initializer(field)
      if (field.number === NODE && field.bytes?.start === lookup.nodeStart) return lookupNodes(lookup)
      return this.copy(field)
    })
    return bytesField(GRAPH_FIELD, [...content, ...addedTensors(lookup, vectors)])
  }

  private async initializer(field: Field): Promise<Pieces> {
    const weight = await readTensor(this.reader, field)
    const { places, file, beside } = this.plan
    if (weight.external !== null) {
      const { location, offset, length } = weight.external
      const path = beside(location)
      const end = length === null ? (await stat(path)).size : offset + length
      return bytesField(INITIALIZER, externalTensor(weight, places.locationOf(path), offset, end))
    }
    const { inline } = weight
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

const name = (part: string): string => `easel.added_words.${part}`

/** The nodes in the place of the look-up; the last one's output has its name. */
function lookupNodes({ table, ids, output }: Lookup): Pieces {
  return [
    node('Less', [ids, name('rows')], name('own')),
    node('Where', [name('own'), ids, name('zero')], name('own_ids')),
    node('Sub', [ids, name('rows_less_one')], name('shifted')),
    node('Where', [name('own'), name('zero'), name('shifted')], name('added_ids')),
    node('Gather', [table, name('own_ids')], name('own_rows')),
    node('Gather', [name('vectors'), name('added_ids')], name('added_rows')),
    node('Gather', [name('keep'), name('added_ids')], name('kept')),
    node('Mul', [name('own_rows'), name('kept')], name('kept_rows')),
    node('Add', [name('kept_rows'), name('added_rows')], output),
  ].flat()
}

function node(type: string, inputs: readonly string[], output: string): Pieces {
  const names = inputs.flatMap(input => textField(1, input))
  return bytesField(NODE, [
    ...names,
    ...textField(2, output),
    ...textField(3, `${output}.${type}`),
    ...textField(4, type),
  ])
}

/** Row 0 of the added table is for the words that the graph has already. */
function addedTensors({ width, rows, dtype, idType }: Lookup, vectors: readonly Float32Array[]): Pieces {
  const table = new Float32Array((vectors.length + 1) * width)
  for (const [i, vector] of vectors.entries()) table.set(vector, (i + 1) * width)
  const keep = Float32Array.from({ length: vectors.length + 1 }, (_, i) => (i === 0 ? 1 : 0))
  const floats = (part: string, dims: readonly number[], values: Float32Array) =>
    inlineTensor({ name: name(part), dtype, dims }, dtype === 'float16' ? float16Bytes(values) : float32Bytes(values))
  const scalar = (part: string, value: number) =>
    inlineTensor({ name: name(part), dtype: idType, dims: [] }, integerBytes([value], idType))
  return [
    floats('vectors', [vectors.length + 1, width], table),
    floats('keep', [vectors.length + 1, 1], keep),
    scalar('rows', rows),
    scalar('rows_less_one', rows - 1),
    scalar('zero', 0),
  ].flatMap(tensor => bytesField(INITIALIZER, tensor))
}

function noLookup(file: string): AppError {
  const message = `${file} has no table of words that textual inversion could add to.`
  return new AppError('model-incompatible', message, { details: { file } })
}
