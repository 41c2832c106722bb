/** The nodes of a graph with their names, inputs and outputs, read from the file without its weights; those of inner graphs are left out. */
import type { ByteSource } from './byte-source.ts'
import { ProtoReader, type Field } from './proto-reader.ts'

export interface GraphNode {
  /** Of the node's content in the file. */
  start: number
  /** '' where it has none. */
  name: string
  type: string
  inputs: string[]
  outputs: string[]
  /** Cast: the type's number. */
  to: number | null
}

const GRAPH_FIELD = 7
const NODE = 1

/** Throws `model-corrupt` naming the file. */
export async function readNodes(source: ByteSource): Promise<GraphNode[]> {
  const reader = new ProtoReader(source)
  const nodes: GraphNode[] = []
  await each(reader, { number: 0, value: null, bytes: { start: 0, end: source.size } }, async field => {
    if (field.number !== GRAPH_FIELD) return
    await each(reader, field, async inner => {
      if (inner.number === NODE) nodes.push(await readNode(reader, inner))
    })
  })
  return nodes
}

async function readNode(reader: ProtoReader, field: Field): Promise<GraphNode> {
  const node: GraphNode = { start: field.bytes?.start ?? 0, name: '', type: '', inputs: [], outputs: [], to: null }
  await each(reader, field, async part => {
    if (part.number === 1) node.inputs.push(await reader.text(part))
    else if (part.number === 2) node.outputs.push(await reader.text(part))
    else if (part.number === 3) node.name = await reader.text(part)
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
