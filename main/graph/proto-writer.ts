/** Writes the protobuf wire format (https://protobuf.dev/programming-guides/encoding/): the counterpart of proto-reader.ts. */

/** Parts of a message one behind the other; put together once, at the end. */
export type Pieces = readonly Uint8Array[]

const encoder = new TextEncoder()

/** Negative numbers take ten bytes, as two's complement of 64 bits. */
export function varint(value: number): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value))
  const bytes: number[] = []
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  return Uint8Array.from([...bytes, Number(rest)])
}

export function numberField(field: number, value: number): Pieces {
  return [varint(field * 8), varint(value)]
}

export function float32Field(field: number, value: number): Pieces {
  return [varint(field * 8 + 5), new Uint8Array(Float32Array.of(value).buffer)]
}

export function bytesField(field: number, content: Pieces): Pieces {
  return [varint(field * 8 + 2), varint(sizeOf(content)), ...content]
}

export function textField(field: number, text: string): Pieces {
  return bytesField(field, [encoder.encode(text)])
}

/** Whole numbers as one packed list. */
export function packedField(field: number, values: readonly number[]): Pieces {
  return bytesField(field, values.map(varint))
}

export function join(pieces: Pieces): Uint8Array {
  const all = new Uint8Array(sizeOf(pieces))
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}

function sizeOf(pieces: Pieces): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0)
}
