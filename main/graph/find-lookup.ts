/** Finds the node of a text encoder's graph that looks tokens up in the embedding: a Gather on a table by the ids that are fed. */
import type { ByteSource } from './byte-source.ts'
import type { OnnxHeader } from './onnx-types.ts'
import { readNodes, type GraphNode } from './read-nodes.ts'

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
  makers: ReadonlyMap<string, GraphNode>,
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
