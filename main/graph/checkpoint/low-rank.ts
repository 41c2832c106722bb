/**
 * A weight with LoRAs added, as nodes on constants: W' = W + sum_i scale_i up_i down_i, all in one product of the matrices
 * side by side. One Gemm makes no copy of the weight's size beside its result. Convolutions are matrices of their kernels.
 */
import type { GraphWriter } from './graph-writer.ts'
import type { LowRank, StoredTensor } from './weights.ts'

/** Kernels side by side: [out, in, height, width] -> [out, in * height * width]. */
export function asMatrix(dims: readonly number[]): [number, number] {
  const [rows = 0] = dims
  return [rows, dims.reduce((product, side) => product * side, 1) / rows]
}

/** `base` is the weight as a matrix of float32; `dims`: the shape that is wanted of the sum. */
export function addLowRanks(
  g: GraphWriter,
  base: string,
  { changes = [], isTransposed = false }: Pick<StoredTensor, 'changes' | 'isTransposed'>,
  dims: readonly number[],
): string {
  const ups = changes.map(({ up, scale }) => {
    const [out = 0, rank = 0] = up.dims
    return g.op('Mul', [g.weight(named(up), [out, rank]), g.floats([scale], [])])
  })
  const downs = changes.map(change => effectiveDown(g, change))
  const beside = (parts: readonly string[], axis: number) =>
    parts.length === 1 ? (parts[0] ?? '') : g.op('Concat', parts, { axis })
  const [up, down] = [beside(ups, 1), beside(downs, 0)]
  const sum = isTransposed ? g.op('Gemm', [down, up, base], { transA: 1, transB: 1 }) : g.op('Gemm', [up, down, base])
  return dims.length === 2 ? sum : g.op('Reshape', [sum, g.integers(dims)])
}

/** Down as a matrix [rank, in * height * width]; with a kernel between: sum_b mid[a, b, y, x] down[b, i]. */
function effectiveDown(g: GraphWriter, { down, mid }: LowRank): string {
  const [rank = 0, inner = 0] = down.dims
  const size = down.dims.reduce((product, side) => product * side, 1)
  const matrix = g.weight(named(down), [rank, size / rank])
  if (mid === null) return matrix
  const [outer = 0] = mid.dims
  const kernel = mid.dims.slice(2).reduce((product, side) => product * side, 1)
  const rows = g.op('Transpose', [g.weight(named(mid), [outer, rank, kernel])], { perm: [0, 2, 1] })
  const product = g.op('MatMul', [rows, matrix]) // [outer, kernel, in]
  return g.op('Reshape', [g.op('Transpose', [product], { perm: [0, 2, 1] }), g.integers([outer, inner * kernel])])
}

/** Several files may have tensors of one name. */
function named(tensor: StoredTensor): StoredTensor {
  return { ...tensor, name: `${tensor.file}: ${tensor.name}` }
}
