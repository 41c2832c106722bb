/** Writes `.safetensors` files for tests: float32 arrays by name. */
export interface FloatArray {
  dims: readonly number[]
  data: Float32Array
}

export function toSafetensors(arrays: Readonly<Record<string, FloatArray>>): Uint8Array {
  let offset = 0
  const entries = Object.entries(arrays).map(([name, { dims, data }]) => {
    const from = offset
    offset += data.byteLength
    return [name, { dtype: 'F32', shape: dims, data_offsets: [from, offset] }] as const
  })
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  const data = Object.values(arrays).map(array =>
    Buffer.from(array.data.buffer, array.data.byteOffset, array.data.byteLength),
  )
  return Buffer.concat([length, header, ...data])
}
