/** A tensor as the pipeline knows it: a typed array, its shape, its element type. Row-major; height before width. */

/** Element types that occur in diffusion graphs. float16 data is raw bits in a Uint16Array. */
export type DType = 'float32' | 'float16' | 'float64' | 'int32' | 'int64' | 'uint8' | 'bool'

export type TensorData = Float32Array | Float64Array | Uint16Array | Int32Array | BigInt64Array | Uint8Array

export interface Tensor {
  dtype: DType
  dims: readonly number[]
  data: TensorData
}

/** Number of elements of a shape; 1 for a scalar. */
export function elementCount(dims: readonly number[]): number {
  return dims.reduce((product, n) => product * n, 1)
}
