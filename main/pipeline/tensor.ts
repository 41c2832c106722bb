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

/** float32 values with their shape: what the pipeline computes with between two graphs. */
export interface FloatTensor {
  dims: readonly number[]
  data: Float32Array
}

/** Of this shape. */
export function zeros(dims: readonly number[]): FloatTensor {
  return { dims, data: new Float32Array(elementCount(dims)) }
}

/** Rows along the first axis one after another: [a, ...] and [b, ...] -> [a + b, ...]. */
export function concatRows(tensors: readonly FloatTensor[]): FloatTensor {
  const [first] = tensors
  const tail = first.dims.slice(1)
  const rows = tensors.reduce((sum, { dims }) => sum + dims[0], 0)
  const data = new Float32Array(rows * elementCount(tail))
  let offset = 0
  for (const tensor of tensors) {
    if (!sameDims(tensor.dims.slice(1), tail)) {
      throw new RangeError(
        `rows of shape [${tail.join(', ')}] and [${tensor.dims.slice(1).join(', ')}] do not fit together`,
      )
    }
    data.set(tensor.data, offset)
    offset += tensor.data.length
  }
  return { dims: [rows, ...tail], data }
}

/** `count` copies of every row, each row's copies side by side: [b, ...] -> [b * count, ...]. */
export function repeatRows({ dims, data }: FloatTensor, count: number): FloatTensor {
  const size = data.length / dims[0]
  const repeated = new Float32Array(data.length * count)
  for (let row = 0; row < dims[0] * count; row++) {
    const source = Math.floor(row / count) * size
    repeated.set(data.subarray(source, source + size), row * size)
  }
  return { dims: [dims[0] * count, ...dims.slice(1)], data: repeated }
}

/** Rows from `start` to before `end`; shares the data. */
export function sliceRows(tensor: FloatTensor, start: number, end: number): FloatTensor {
  const { dims, data } = tensor
  if (start === 0 && end === dims[0]) return tensor
  const size = data.length / dims[0]
  return { dims: [end - start, ...dims.slice(1)], data: data.subarray(start * size, end * size) }
}

export function sameDims(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i])
}

/** Whether all values are numbers. One addition each: 0 times anything else is NaN. */
export function isFinite({ data }: FloatTensor): boolean {
  let zero = 0
  for (let i = 0; i < data.length; i++) zero += data[i] * 0
  return zero === 0
}

/** [rows, a, width] and [rows, b, width] -> [rows, a + b, width]; of one row each. */
export function concatTokens(tensors: readonly FloatTensor[]): FloatTensor {
  const joined = concatRows(tensors.map(({ dims, data }) => ({ dims: dims.slice(1), data })))
  return { dims: [1, ...joined.dims], data: joined.data }
}

/** [rows, tokens, a] and [rows, tokens, b] -> [rows, tokens, a + b] */
export function concatFeatures(tensors: readonly FloatTensor[]): FloatTensor {
  const [first] = tensors
  if (tensors.length === 1) return first
  const widths = tensors.map(({ dims }) => dims[2])
  const width = widths.reduce((sum, n) => sum + n, 0)
  const positions = first.dims[0] * first.dims[1]
  const data = new Float32Array(positions * width)
  let offset = 0
  for (const [i, tensor] of tensors.entries()) {
    for (let p = 0; p < positions; p++)
      data.set(tensor.data.subarray(p * widths[i], (p + 1) * widths[i]), p * width + offset)
    offset += widths[i]
  }
  return { dims: [first.dims[0], first.dims[1], width], data }
}

/** [rows, a, h, w] and [rows, b, h, w] -> [rows, a + b, h, w] */
export function concatChannels(tensors: readonly FloatTensor[]): FloatTensor {
  const [first] = tensors
  if (tensors.length === 1) return first
  const [rows, , height, width] = first.dims
  const channels = tensors.reduce((sum, { dims }) => sum + dims[1], 0)
  const data = new Float32Array(rows * channels * height * width)
  let offset = 0
  for (let row = 0; row < rows; row++) {
    for (const tensor of tensors) {
      const part = sliceRows(tensor, row, row + 1).data
      data.set(part, offset)
      offset += part.length
    }
  }
  return { dims: [rows, channels, height, width], data }
}
