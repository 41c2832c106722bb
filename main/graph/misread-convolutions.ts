/**
 * Convolutions that ONNX Runtime 1.30 computes wrong on WebGPU: of 6, 9, 15, 18 ... channels, as the first one of an
 * inpainting network has. Measured with SwiftShader (`node scripts/webgpu-check.ts`): 3 to 13 channels without these agree
 * with the processor within 1e-5, these are off by 40 % of the largest number. They are left to the processor, by name.
 */
import { AppError } from '#contract/errors'
import type { ByteSource } from './byte-source.ts'
import { readOnnxHeader } from './read-header.ts'
import { readNodes, type GraphNode } from './read-nodes.ts'

/** Names of nodes. Throws `device-unavailable` where one has none, and what reading the graph throws. */
export async function findMisreadConvolutions(source: ByteSource): Promise<string[]> {
  const { initializers } = await readOnnxHeader(source)
  const channels = new Map(initializers.map(({ name, dims }) => [name, dims[1] ?? 0]))
  if (![...channels.values()].some(isMisread)) return []
  const nodes = await readNodes(source)
  const makers = new Map(nodes.flatMap(node => node.outputs.map(output => [output, node] as const)))
  const found = nodes.filter(node => node.type === 'Conv' && isMisread(channels.get(weightOf(node, makers)) ?? 0))
  if (found.every(({ name }) => name !== '')) return found.map(({ name }) => name)
  const message = `${source.name}: WebGPU computes one of its convolutions wrong, which has no name to leave it to the processor by.`
  throw new AppError('device-unavailable', message, { details: { file: source.name } })
}

/** Weights of 16 bits are widened by a Cast. */
function weightOf({ inputs }: GraphNode, makers: ReadonlyMap<string, GraphNode>): string {
  const [, weight = ''] = inputs
  const maker = makers.get(weight)
  return maker?.type === 'Cast' ? (maker.inputs[0] ?? '') : weight
}

function isMisread(channels: number): boolean {
  return channels > 3 && channels % 3 === 0 && channels % 4 !== 0
}
