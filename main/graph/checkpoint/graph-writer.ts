/**
 * Writes an ONNX graph node by node. Weights stay in the files where they are; those of 16 bits are widened by a Cast, and
 * those with LoRAs become sums, which the runtime does once, when it opens the graph. Shapes of tensors are not tracked here.
 */
import { bytesField, float32Field, join, numberField, packedField, textField, type Pieces } from '../proto-writer.ts'
import { toOnnxNumber, type OnnxType } from '../onnx-types.ts'
import { externalTensor, float32Bytes, inlineTensor, integerBytes } from '../tensor-writer.ts'
import { placeWeights, type WeightPlaces, type WrittenGraph } from '../weight-places.ts'
import { addLowRanks, asMatrix } from './low-rank.ts'
import type { StoredTensor } from './weights.ts'

const IR_VERSION = 9
/** Gelu is an operator from 20 on. */
const OPSET = 20
const [FLOAT, INT, TEXT, INTS] = [1, 2, 3, 7]

/** A whole number is an integer attribute; `float(0.5)` makes one of the other kind. */
export type Attribute = number | string | readonly number[] | { float: number }

export const float = (value: number): Attribute => ({ float: value })

export class GraphWriter {
  private readonly nodes: Pieces[] = []
  private readonly values: Pieces[] = []
  private readonly constants = new Map<string, Pieces>()
  private readonly weights = new Map<string, { tensor: StoredTensor; dims: readonly number[] }>()
  private readonly sums = new Map<string, string>()
  private count = 0
  /** Of the tensors that it makes: where the nodes become a part of another graph, names must not meet. */
  private readonly prefix: string

  constructor(prefix = '') {
    this.prefix = prefix
  }

  input(name: string, dtype: OnnxType, shape: readonly (number | string)[]): string {
    this.values.push(valueField(11, name, dtype, shape))
    return name
  }

  /** Gives a tensor the name of an output. */
  output(name: string, from: string, shape: readonly (number | string)[]): void {
    this.values.push(valueField(12, name, 'float32', shape))
    this.node('Identity', [from], [name])
  }

  /** Gives a tensor a second name. */
  alias(name: string, from: string): void {
    this.node('Identity', [from], [name])
  }

  op(
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    domain = '',
  ): string {
    const output = this.fresh(type)
    this.node(type, inputs, [output], attributes, domain)
    return output
  }

  /** Two equal parts along an axis. */
  halves(input: string, axis: number): [string, string] {
    const outputs: [string, string] = [this.fresh('Split'), this.fresh('Split')]
    this.node('Split', [input], outputs, { axis, num_outputs: 2 })
    return outputs
  }

  floats(values: ArrayLike<number>, dims: readonly number[]): string {
    return this.constant('float32', dims, float32Bytes(values))
  }

  integers(values: readonly number[], dims: readonly number[] = [values.length]): string {
    return this.constant('int64', dims, integerBytes(values, 'int64'))
  }

  /** As float32, with what is added to it; `dims` may say the same numbers in another shape. */
  weight(tensor: StoredTensor, dims: readonly number[] = tensor.dims): string {
    const { changes = [], ...stored } = tensor
    if (changes.length === 0) return this.stored(stored, dims)
    const key = `${tensor.name} as ${dims.join('x')}`
    const sum = this.sums.get(key) ?? addLowRanks(this, this.stored(stored, asMatrix(stored.dims)), tensor, dims)
    this.sums.set(key, sum)
    return sum
  }

  private stored(tensor: StoredTensor, dims: readonly number[]): string {
    const isPlain = dims.join() === tensor.dims.join()
    const name = isPlain ? tensor.name : `${tensor.name} as ${dims.join('x')}`
    const known = this.weights.has(name)
    if (!known) this.weights.set(name, { tensor, dims })
    if (tensor.dtype === 'float32') return name
    const wide = `${name} as float32`
    if (!known) this.node('Cast', [name], [wide], { to: toOnnxNumber('float32') })
    return wide
  }

  /** The files of its weights, absolute. */
  files(): string[] {
    return [...this.weights.values()].map(({ tensor }) => tensor.file)
  }

  /** As fields of a graph. */
  fields(places: WeightPlaces): { nodes: Pieces; initializers: Pieces } {
    const tensors = [...this.weights].map(([name, { tensor, dims }]) => {
      const head = { name, dtype: tensor.dtype, dims }
      return externalTensor(head, places.locationOf(tensor.file), tensor.start, tensor.end)
    })
    const initializers = [...this.constants.values(), ...tensors].flatMap(tensor => bytesField(5, tensor))
    return { nodes: this.nodes.flat(), initializers }
  }

  /** Throws what `placeWeights` throws. */
  async finish(): Promise<WrittenGraph> {
    const places = await placeWeights(this.files())
    const { nodes, initializers } = this.fields(places)
    const graph = [...nodes, ...textField(2, 'easel'), ...initializers, ...this.values.flat()]
    const opsets = [
      ...bytesField(8, numberField(2, OPSET)),
      ...bytesField(8, [...textField(1, 'com.microsoft'), ...numberField(2, 1)]),
    ]
    const head = [...numberField(1, IR_VERSION), ...textField(2, 'easel')]
    return { bytes: join([...head, ...bytesField(7, graph), ...opsets]), folder: places.folder }
  }

  private constant(dtype: OnnxType, dims: readonly number[], bytes: Uint8Array): string {
    const name = `c:${dtype}:${dims.join('x')}:${Buffer.from(bytes).toString('base64')}`
    const short = this.prefix + (name.length < 80 ? name : `c${this.constants.size}`)
    if (!this.constants.has(short)) this.constants.set(short, inlineTensor({ name: short, dtype, dims }, bytes))
    return short
  }

  private fresh(type: string): string {
    return `${this.prefix}${type}_${this.count++}`
  }

  private node(
    type: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    domain = '',
  ): void {
    this.nodes.push(
      bytesField(1, [
        ...inputs.flatMap(name => textField(1, name)),
        ...outputs.flatMap(name => textField(2, name)),
        ...textField(3, outputs[0] ?? ''),
        ...textField(4, type),
        ...Object.entries(attributes).flatMap(([name, value]) => attributeField(name, value)),
        ...(domain === '' ? [] : textField(7, domain)),
      ]),
    )
  }
}

function attributeField(name: string, value: Attribute): Pieces {
  return bytesField(5, [...textField(1, name), ...attributeValue(value)])
}

function attributeValue(value: Attribute): Pieces {
  if (typeof value === 'number') return [...numberField(3, value), ...numberField(20, INT)]
  if (typeof value === 'string') return [...textField(4, value), ...numberField(20, TEXT)]
  if ('float' in value) return [...float32Field(2, value.float), ...numberField(20, FLOAT)]
  return [...packedField(8, value), ...numberField(20, INTS)]
}

function valueField(field: number, name: string, dtype: OnnxType, shape: readonly (number | string)[]): Pieces {
  const axes = shape.flatMap(size =>
    bytesField(1, typeof size === 'number' ? numberField(1, size) : textField(2, size)),
  )
  const tensor = bytesField(1, [...numberField(1, toOnnxNumber(dtype)), ...bytesField(2, axes)])
  return bytesField(field, [...textField(1, name), ...bytesField(2, tensor)])
}
