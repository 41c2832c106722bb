/** Writes `.safetensors` files for tests: float32 arrays by name, or the bits of 16-bit ones. */
export interface FloatArray {
  dims: readonly number[]
  data: Float32Array | Uint16Array
  /** F32 where nothing is said. */
  dtype?: 'F16' | 'BF16'
}

export function toSafetensors(
  arrays: Readonly<Record<string, FloatArray>>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  let offset = 0
  const entries = Object.entries(arrays).map(([name, { dims, data, dtype = 'F32' }]) => {
    const from = offset
    offset += data.byteLength
    return [name, { dtype, shape: dims, data_offsets: [from, offset] }] as const
  })
  const about = metadata === undefined ? {} : { __metadata__: metadata }
  const header = Buffer.from(JSON.stringify({ ...about, ...Object.fromEntries(entries) }))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  const data = Object.values(arrays).map(array =>
    Buffer.from(array.data.buffer, array.data.byteOffset, array.data.byteLength),
  )
  return Buffer.concat([length, header, ...data])
}
