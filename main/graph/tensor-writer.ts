/** Tensors of an ONNX graph as its file has them: values inside it, or the place of the values in another file. */
import { numberField, packedField, textField, bytesField, type Pieces } from './proto-writer.ts'
import { toOnnxNumber, type OnnxType } from './onnx-types.ts'

const IN_OTHER_FILE = 1

export interface TensorHead {
  name: string
  dtype: OnnxType
  dims: readonly number[]
}

export function inlineTensor({ name, dtype, dims }: TensorHead, values: Uint8Array): Pieces {
  return [...head({ name, dtype, dims }), ...bytesField(9, [values])]
}

/** `location` as weight-places.ts gives it. */
export function externalTensor(tensor: TensorHead, location: string, start: number, end: number): Pieces {
  const entries = Object.entries({ location, offset: String(start), length: String(end - start) })
  return [
    ...head(tensor),
    ...entries.flatMap(([key, value]) => bytesField(13, [...textField(1, key), ...textField(2, value)])),
    ...numberField(14, IN_OTHER_FILE),
  ]
}

function head({ name, dtype, dims }: TensorHead): Pieces {
  return [...packedField(1, dims), ...numberField(2, toOnnxNumber(dtype)), ...textField(8, name)]
}

export function float32Bytes(values: ArrayLike<number>): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer)
}

export function float16Bytes(values: ArrayLike<number>): Uint8Array {
  return new Uint8Array(Float16Array.from(values).buffer)
}

/** For 'int64' and 'int32'. */
export function integerBytes(values: readonly number[], dtype: OnnxType): Uint8Array {
  return new Uint8Array(
    dtype === 'int32' ? Int32Array.from(values).buffer : BigInt64Array.from(values, value => BigInt(value)).buffer,
  )
}
