/** The two things with a shape in an ONNX file: weights (TensorProto) and the graph's inputs and outputs (ValueInfoProto). */
import type { Field, Message, ProtoReader } from './proto-reader.ts'
import { bytesPerElement, toOnnxType, type ExternalData, type GraphValue, type Initializer } from './onnx-types.ts'

const MAX_RANK = 64
const IN_OTHER_FILE = 1

/** Name, type and shape of a weight; its bytes are stepped over, but must be as many as the shape says. */
export async function readTensor(reader: ProtoReader, tensor: Field): Promise<Initializer> {
  const dims: number[] = []
  const external = new Map<string, string>()
  let [name, type, location] = ['', 0, 0]
  let raw: Field | null = null
  let floats: Field | null = null
  await each(reader, tensor, async field => {
    if (field.number === 1) dims.push(...(await reader.numbers(field, MAX_RANK)))
    else if (field.number === 2) type = field.value ?? type
    else if (field.number === 4)
      floats = field // packed, the same bytes as raw ones of float32
    else if (field.number === 8) name = await reader.text(field)
    else if (field.number === 9) raw = field
    else if (field.number === 13) await readEntry(reader, field, external)
    else if (field.number === 14) location = field.value ?? location
    if (dims.length > MAX_RANK) throw reader.corrupt(start(tensor), `a tensor of more than ${MAX_RANK} axes`)
  })
  if (dims.some(size => size < 0)) throw reader.corrupt(start(tensor), `${name} has the shape [${dims.join(', ')}]`)
  const dtype = toOnnxType(type)
  const elsewhere = location === IN_OTHER_FILE ? toExternal(reader, tensor, name, external) : null
  if (elsewhere === null) checkLength(reader, raw, { name, dtype, dims })
  const inline = bytesOf(raw) ?? bytesOf(floats)
  return { name, dtype, dims, inline, external: elsewhere }
}

export async function readValue(reader: ProtoReader, value: Field): Promise<GraphValue> {
  let [name, type] = ['', 0]
  let shape: (number | string)[] | null = null
  await each(reader, value, async field => {
    if (field.number === 1) name = await reader.text(field)
    else if (field.number === 2) {
      await each(reader, field, async kind => {
        if (kind.number !== 1) return // not a tensor: a sequence, a map; its type stays undefined
        await each(reader, kind, async part => {
          if (part.number === 1) type = part.value ?? type
          else if (part.number === 2) shape = await readShape(reader, part)
        })
      })
    }
  })
  return { name, dtype: toOnnxType(type), shape }
}

async function readShape(reader: ProtoReader, shape: Field): Promise<(number | string)[]> {
  const axes: (number | string)[] = []
  await each(reader, shape, async dim => {
    if (dim.number !== 1) return
    let axis: number | string = ''
    await each(reader, dim, async field => {
      if (field.number === 1) axis = field.value ?? axis
      else if (field.number === 2) axis = await reader.text(field)
    })
    if (axes.push(axis) > MAX_RANK) throw reader.corrupt(start(shape), `a shape of more than ${MAX_RANK} axes`)
  })
  return axes
}

async function readEntry(reader: ProtoReader, entry: Field, into: Map<string, string>): Promise<void> {
  let [key, value] = ['', '']
  await each(reader, entry, async field => {
    if (field.number === 1) key = await reader.text(field)
    else if (field.number === 2) value = await reader.text(field)
  })
  if (into.size < MAX_RANK) into.set(key, value)
}

function toExternal(
  reader: ProtoReader,
  tensor: Field,
  name: string,
  entries: ReadonlyMap<string, string>,
): ExternalData {
  const location = entries.get('location') ?? ''
  const offset = Number(entries.get('offset') ?? 0)
  const length = entries.has('length') ? Number(entries.get('length')) : null
  const isSize = (n: number | null): boolean => n === null || (Number.isSafeInteger(n) && n >= 0)
  if (location === '' || !isSize(offset) || !isSize(length)) {
    throw reader.corrupt(start(tensor), `${name} does not say where its data is`)
  }
  return { location, offset, length }
}

function checkLength(
  reader: ProtoReader,
  raw: Field | null,
  { name, dtype, dims }: Omit<Initializer, 'external' | 'inline'>,
) {
  const size = bytesPerElement(dtype)
  if (!raw?.bytes || size === null) return
  const expected = dims.reduce((product, n) => product * n, size)
  const actual = raw.bytes.end - raw.bytes.start
  if (actual === expected) return
  throw reader.corrupt(
    raw.bytes.start,
    `${name} [${dims.join(', ')}] ${dtype} needs ${expected} bytes and has ${actual}`,
  )
}

async function each(reader: ProtoReader, parent: Field, visit: (field: Field) => Promise<void>): Promise<void> {
  if (parent.bytes === null) return
  const message: Message = { position: parent.bytes.start, end: parent.bytes.end }
  for (let field = await reader.next(message); field !== null; field = await reader.next(message)) await visit(field)
}

function bytesOf(field: Field | null): Initializer['inline'] {
  return field?.bytes ?? null
}

function start({ bytes }: Field): number {
  return bytes?.start ?? 0
}
