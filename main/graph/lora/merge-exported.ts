/**
 * LoRAs in an ONNX export: the graph's weights get another name, and nodes before its own make the sums under the old one, so
 * that the rest of the graph is what it was. The sums are formed in float32 and rounded to the weight's type.
 */
import { GraphWriter } from '../checkpoint/graph-writer.ts'
import { addLowRanks, asMatrix } from '../checkpoint/low-rank.ts'
import type { StoredTensor, TensorMap } from '../checkpoint/weights.ts'
import { toOnnxNumber } from '../onnx-types.ts'
import { NO_CHANGES, type GraphChanges } from '../rewrite-graph.ts'

const PREFIX = 'easel.lora.'

/** `map`: exported weights, some of which have changes. null: none has. */
export function mergeExported(map: TensorMap): GraphChanges | null {
  const changed = [...map.values()].filter(({ changes = [] }) => changes.length > 0)
  if (changed.length === 0) return null
  const g = new GraphWriter(PREFIX)
  for (const tensor of changed) g.alias(tensor.name, sumOf(g, tensor))
  const renamed = new Map(changed.map(({ name }) => [name, PREFIX + name]))
  return { ...NO_CHANGES, renamed, before: { files: g.files(), fields: places => g.fields(places) } }
}

function sumOf(g: GraphWriter, tensor: StoredTensor): string {
  const { name, dims, dtype } = tensor
  const isHalf = dtype === 'float16'
  const own = PREFIX + name
  const wide = isHalf ? g.op('Cast', [own], { to: toOnnxNumber('float32') }) : own
  const matrix = dims.length === 2 ? wide : g.op('Reshape', [wide, g.integers(asMatrix(dims))])
  const sum = addLowRanks(g, matrix, tensor, dims)
  return isHalf ? g.op('Cast', [sum], { to: toOnnxNumber('float16') }) : sum
}
