/**
 * Between the pipeline's float32 arrays and whatever element type a graph asks for. Integers truncate toward zero, as
 * the exporters' own runtimes do; float16 travels as raw bits in a Uint16Array (see tensor.ts).
 */
import { elementCount, type DType, type Tensor, type TensorData } from './tensor.ts'

/** Numbers -> a tensor of this element type and shape. float32 data is not copied. */
export function toTensor(
  values: Float32Array | Float64Array | readonly number[],
  dims: readonly number[],
  dtype: DType,
): Tensor {
  if (values.length !== elementCount(dims)) {
    throw new RangeError(`${values.length} values do not fill a tensor of shape [${dims.join(', ')}]`)
  }
  return { dtype, dims, data: castTo(values, dtype) }
}

/** Any tensor -> float32 values; float32 data is not copied. */
export function toFloat32(tensor: Tensor): Float32Array {
  const { data, dtype } = tensor
  if (data instanceof Float32Array) return data
  if (dtype === 'float16' && data instanceof Uint16Array) {
    return Float32Array.from(new Float16Array(data.buffer, data.byteOffset, data.length))
  }
  if (data instanceof BigInt64Array) return Float32Array.from(data, Number)
  return Float32Array.from(data)
}

function castTo(values: Float32Array | Float64Array | readonly number[], dtype: DType): TensorData {
  switch (dtype) {
    case 'float32':
      return values instanceof Float32Array ? values : Float32Array.from(values)
    case 'float64':
      return Float64Array.from(values)
    case 'float16':
      return new Uint16Array(Float16Array.from(values).buffer)
    case 'int32':
      return Int32Array.from(values, Math.trunc)
    case 'int64':
      return toInt64(values)
    case 'uint8':
      return Uint8Array.from(values, Math.trunc)
    case 'bool':
      return Uint8Array.from(values, v => (v === 0 ? 0 : 1))
  }
}

function toInt64(values: ArrayLike<number>): BigInt64Array {
  const whole = new BigInt64Array(values.length)
  for (let i = 0; i < values.length; i++) whole[i] = BigInt(Math.trunc(values[i]))
  return whole
}
