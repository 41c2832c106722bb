/** Finds the node of a text encoder's graph that looks tokens up in the embedding: a Gather on a table by the ids that are fed. */
import type { ByteSource } from './byte-source.ts'
import type { OnnxHeader } from './onnx-types.ts'
import { ProtoReader, type Field } from './proto-reader.ts'

export interface Lookup {
  /** Of the node's content in the file. */
  nodeStart: number
  table: string
  ids: string
  output: string
  rows: number
  width: number
  dtype: 'float32' | 'float16'
  idType: 'int32' | 'int64'
}

interface Node {
  start: number
  type: string
  inputs: string[]
  outputs: string[]
  /** Cast: the type's number. */
  to: number | null
}

const GRAPH_FIELD = 7
const NODE = 1
/** Types of nodes between the input and the look-up that change shape or type of the ids and nothing else. */
const PASSES_IDS = new Set(['Reshape', 'Identity', 'Cast', 'Squeeze', 'Unsqueeze', 'Flatten'])
const INT64 = 7

/** null: there is none that could be extended, as in quantised exports. */
export async function findLookup(source: ByteSource, header: OnnxHeader): Promise<Lookup | null> {
  const nodes = await readNodes(source)
  const weights = new Map(header.initializers.map(weight => [weight.name, weight]))
  const makers = new Map(nodes.flatMap(node => node.outputs.map(output => [output, node] as const)))
  for (const { start, type, inputs, outputs } of nodes) {
    const [table = '', ids = ''] = inputs
    const weight = weights.get(table)
    const idType = type === 'Gather' ? idTypeOf(ids, makers, header) : null
    if (weight?.dims.length !== 2 || idType === null || outputs[0] === undefined) continue
    if (weight.dtype !== 'float32' && weight.dtype !== 'float16') return null
    const [rows = 0, width = 0] = weight.dims
    return { nodeStart: start, table, ids, output: outputs[0], rows, width, dtype: weight.dtype, idType }
  }
  return null
}

/** The type of what is looked up by, where it comes from the graph's ids; null where it comes from elsewhere. */
function idTypeOf(
  name: string,
  makers: ReadonlyMap<string, Node>,
  header: OnnxHeader,
  depth = 0,
): Lookup['idType'] | null {
  const input = header.inputs.find(candidate => candidate.name === name)
  if (input !== undefined) return input.dtype === 'int32' || input.dtype === 'int64' ? input.dtype : null
  const maker = makers.get(name)
  if (maker === undefined || !PASSES_IDS.has(maker.type) || depth > makers.size) return null
  const before = idTypeOf(maker.inputs[0] ?? '', makers, header, depth + 1)
  if (before === null || maker.type !== 'Cast') return before
  return maker.to === INT64 ? 'int64' : 'int32'
}

async function readNodes(source: ByteSource): Promise<Node[]> {
  const reader = new ProtoReader(source)
  const nodes: Node[] = []
  await each(reader, { number: 0, value: null, bytes: { start: 0, end: source.size } }, async field => {
    if (field.number !== GRAPH_FIELD) return
    await each(reader, field, async inner => {
      if (inner.number === NODE) nodes.push(await readNode(reader, inner))
    })
  })
  return nodes
}

async function readNode(reader: ProtoReader, field: Field): Promise<Node> {
  const node: Node = { start: field.bytes?.start ?? 0, type: '', inputs: [], outputs: [], to: null }
  await each(reader, field, async part => {
    if (part.number === 1) node.inputs.push(await reader.text(part))
    else if (part.number === 2) node.outputs.push(await reader.text(part))
    else if (part.number === 4) node.type = await reader.text(part)
    else if (part.number === 5) {
      await each(reader, part, inner => {
        if (inner.number === 3) node.to = inner.value
      })
    }
  })
  return node
}

async function each(reader: ProtoReader, parent: Field, visit: (field: Field) => Promise<void> | void): Promise<void> {
  const message = { position: parent.bytes?.start ?? 0, end: parent.bytes?.end ?? 0 }
  for (let field = await reader.next(message); field !== null; field = await reader.next(message)) await visit(field)
}
