/** Writes small ONNX files for tests: the protobuf wire format by hand, only the fields that the catalog reads. */

export type Bytes = Uint8Array

export function varint(value: number): Bytes {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  return Uint8Array.from([...bytes, rest])
}

export function join(...parts: Bytes[]): Bytes {
  return Uint8Array.from(parts.flatMap(part => [...part]))
}

export function number(field: number, value: number): Bytes {
  return join(varint(field * 8), varint(value))
}

export function bytes(field: number, ...parts: Bytes[]): Bytes {
  const content = join(...parts)
  return join(varint(field * 8 + 2), varint(content.length), content)
}

export function text(field: number, value: string): Bytes {
  return bytes(field, new TextEncoder().encode(value))
}

const FLOAT = 1

export interface ValueShape {
  name: string
  type?: number
  shape: (number | string)[]
}

export function value(field: number, { name, type = FLOAT, shape }: ValueShape): Bytes {
  const axes = shape.map(size => bytes(1, typeof size === 'number' ? number(1, size) : text(2, size)))
  return bytes(field, text(1, name), bytes(2, bytes(1, number(1, type), bytes(2, ...axes))))
}

/** A float32 weight whose data is in the file. */
export function weight(name: string, dims: number[]): Bytes {
  const size = dims.reduce((product, n) => product * n, 4)
  return bytes(5, ...dims.map(n => number(1, n)), number(2, FLOAT), text(8, name), bytes(9, new Uint8Array(size)))
}

export function externalWeight(name: string, dims: number[], location: string, offset: number, length: number): Bytes {
  const entries = Object.entries({ location, offset: String(offset), length: String(length) })
  return bytes(
    5,
    ...dims.map(n => number(1, n)),
    number(2, FLOAT),
    text(8, name),
    ...entries.map(([key, entry]) => bytes(13, text(1, key), text(2, entry))),
    number(14, 1),
  )
}

export function node(type: string, { domain = '', name = '', attributes = [] as Bytes[] } = {}): Bytes {
  return bytes(1, text(3, name), text(4, type), ...attributes, ...(domain === '' ? [] : [text(7, domain)]))
}

/** An attribute that holds a graph, as If and Loop have. */
export function subgraph(...parts: Bytes[]): Bytes {
  return bytes(5, text(1, 'body'), bytes(6, ...parts))
}

export function opset(version: number, domain = ''): Bytes {
  return bytes(8, ...(domain === '' ? [] : [text(1, domain)]), number(2, version))
}

export function graph(...parts: Bytes[]): Bytes {
  return bytes(7, ...parts)
}

/** A whole file: `parts` are those of the graph. */
export function onnx(parts: Bytes[], { irVersion = 8, opsetVersion = 18 } = {}): Bytes {
  return join(number(1, irVersion), text(2, 'pytorch'), text(3, '2.1'), graph(...parts), opset(opsetVersion))
}
