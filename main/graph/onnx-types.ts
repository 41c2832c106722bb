/** What the header of an ONNX file says (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto), as plain data. */

/** TensorProto.DataType by its number. */
const TYPES = [
  'undefined',
  'float32',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'float16',
  'float64',
  'uint32',
  'uint64',
  'complex64',
  'complex128',
  'bfloat16',
] as const
export type OnnxType = (typeof TYPES)[number] | `type ${number}`

export function toOnnxType(number: number): OnnxType {
  return TYPES[number] ?? `type ${number}`
}

/** The way back; 0 for what has no number. */
export function toOnnxNumber(type: OnnxType): number {
  return Math.max(0, TYPES.indexOf(type as (typeof TYPES)[number]))
}

/** Bytes of one element, null where that is not a whole number or not known. */
export function bytesPerElement(type: OnnxType): number | null {
  if (type === 'bool') return 1
  const bits = /^(?:u?int|b?float|complex)(\d+)$/.exec(type)?.[1]
  return bits === undefined ? null : Number(bits) / 8
}

/** An input or output of the graph. A string in the shape is a dynamic axis: a label, never a fact. */
export interface GraphValue {
  readonly name: string
  readonly dtype: OnnxType
  /** null: the file says nothing about the shape. */
  readonly shape: readonly (number | string)[] | null
}

/** Weights that lie in another file. */
export interface ExternalData {
  readonly location: string
  readonly offset: number
  /** null: to the end of the file. */
  readonly length: number | null
}

export interface Initializer {
  readonly name: string
  readonly dtype: OnnxType
  readonly dims: readonly number[]
  /** Its bytes in this file; null when they are elsewhere or written number by number. */
  readonly inline: Readonly<{ start: number; end: number }> | null
  readonly external: ExternalData | null
}

/** One kind of operator in the graph. */
export interface OperatorUse {
  /** '' is the standard's own. */
  readonly domain: string
  readonly type: string
  readonly count: number
  /** Name of the first such node, for messages. */
  readonly firstNode: string
}

export interface OnnxHeader {
  readonly irVersion: number
  readonly producer: string
  /** Domain -> version; '' is the standard's own. */
  readonly opsets: ReadonlyMap<string, number>
  /** Without those that are initializers. */
  readonly inputs: readonly GraphValue[]
  readonly outputs: readonly GraphValue[]
  readonly initializers: readonly Initializer[]
  readonly operators: readonly OperatorUse[]
  /** "domain::name" of functions that the model brings along. */
  readonly functions: ReadonlySet<string>
}
