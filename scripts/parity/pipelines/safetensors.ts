/** Reads float32 arrays of a `.safetensors` file: 8 bytes length of the header, JSON header, data (https://github.com/huggingface/safetensors). */
import { readFileSync } from 'node:fs'
import type { FloatTensor } from '#pipeline/tensor'

interface Entry {
  dtype: string
  shape: number[]
  data_offsets: [number, number]
}

/** name -> array; throws for names that are not there or not float32. */
export function readSafetensors(file: string): (name: string) => FloatTensor {
  const bytes = readFileSync(file)
  const headerEnd = 8 + Number(bytes.readBigUInt64LE(0))
  const header = JSON.parse(bytes.toString('utf8', 8, headerEnd)) as Record<string, Entry | undefined>
  return name => {
    const entry = header[name]
    if (entry?.dtype !== 'F32') throw new Error(`${file} has no float32 array ${name}`)
    const [start, end] = entry.data_offsets
    const data = bytes.buffer.slice(bytes.byteOffset + headerEnd + start, bytes.byteOffset + headerEnd + end)
    return { dims: entry.shape, data: new Float32Array(data) }
  }
}
