/**
 * The weights of an ONNX export by the modules that they belong to, as far as the file says it: exporters keep a module's name
 * on the weights of convolutions and on the nodes of matrices ("/mid_block/…/to_q/MatMul", whose weight is "onnx::MatMul_1626").
 * Nothing is guessed by shape or order: what has no such name, or is used twice, is not here.
 */
import { basename } from 'node:path'
import { withFileSource } from '../byte-source.ts'
import type { StoredTensor, TensorMap } from '../checkpoint/weights.ts'
import type { Initializer } from '../onnx-types.ts'
import { readOnnxHeader } from '../read-header.ts'
import { readNodes, type GraphNode } from '../read-nodes.ts'

const WEIGHT = '.weight'
const MATRIX_NODE = /^\/(.+)\/MatMul$/

/** By diffusers' names; each tensor has the name that it has in the graph. `file` is absolute. Throws what reading its header throws. */
export async function readExportedWeights(file: string): Promise<TensorMap> {
  return withFileSource(file, basename(file), async source => {
    const { initializers } = await readOnnxHeader(source)
    const nodes = await readNodes(source)
    const uses = new Map<string, number>()
    for (const input of nodes.flatMap(({ inputs }) => inputs)) uses.set(input, (uses.get(input) ?? 0) + 1)
    const usable = new Map(
      initializers
        .filter(weight => uses.get(weight.name) === 1 && isUsable(weight))
        .map(weight => [weight.name, weight]),
    )
    const found = new Map<string, StoredTensor>()
    for (const weight of usable.values()) {
      if (weight.name.endsWith(WEIGHT)) found.set(weight.name, toTensor(weight, file, false))
    }
    for (const node of nodes) {
      const weight = usable.get(node.inputs[1] ?? '')
      const module = moduleOf(node)
      if (weight === undefined || module === null || weight.name.endsWith(WEIGHT)) continue
      found.set(module + WEIGHT, toTensor(weight, file, true))
    }
    return found
  })
}

/** Whose values can be found and added to. */
function isUsable({ dims, dtype, inline, external }: Initializer): boolean {
  return dims.length >= 2 && (dtype === 'float32' || dtype === 'float16') && (inline !== null || external !== null)
}

/** "/down_blocks.0/attentions.0/…/to_out.0/MatMul" -> "down_blocks.0.attentions.0.….to_out.0" */
function moduleOf({ type, name }: GraphNode): string | null {
  const path = type === 'MatMul' ? MATRIX_NODE.exec(name)?.[1] : undefined
  return path === undefined ? null : path.replaceAll('/', '.')
}

/** Where its bytes lie is not needed: the graph that is written has it. */
function toTensor({ name, dims, dtype }: Initializer, file: string, isTransposed: boolean): StoredTensor {
  return { name, file, dtype, dims, start: 0, end: 0, ...(isTransposed && { isTransposed }) }
}
