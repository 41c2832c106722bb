/** Reads float32 and int64 arrays of a `.safetensors` file: 8 bytes length of the header, JSON header, data (https://github.com/huggingface/safetensors). */
import { readFileSync } from 'node:fs'
import type { FloatTensor } from '#pipeline/tensor'

interface Entry {
  dtype: string
  shape: number[]
  data_offsets: [number, number]
}

/** name -> array, ids as numbers; throws for names that are not there or of another type. */
export function readSafetensors(file: string): (name: string) => FloatTensor {
  const bytes = readFileSync(file)
  const headerEnd = 8 + Number(bytes.readBigUInt64LE(0))
  const header = JSON.parse(bytes.toString('utf8', 8, headerEnd)) as Record<string, Entry | undefined>
  return name => {
    const entry = header[name]
    if (entry?.dtype !== 'F32' && entry?.dtype !== 'I64') throw new Error(`${file} has no array ${name}`)
    const [start, end] = entry.data_offsets
    const data = bytes.buffer.slice(bytes.byteOffset + headerEnd + start, bytes.byteOffset + headerEnd + end)
    const values = entry.dtype === 'F32' ? new Float32Array(data) : Float32Array.from(new BigInt64Array(data), Number)
    return { dims: entry.shape, data: values }
  }
}
