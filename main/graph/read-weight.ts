/** Reads one weight out of an ONNX file or a checkpoint, from the file itself or from the one that holds its data; the rest is stepped over. */
import { dirname, join } from 'node:path'
import { withFileSource, type ByteSource } from './byte-source.ts'
import type { Initializer, OnnxType } from './onnx-types.ts'
import { readOnnxHeader } from './read-header.ts'
import { readSafetensorsHeader } from './safetensors.ts'

export interface Weight {
  dtype: OnnxType
  dims: readonly number[]
  /** Little-endian, row-major, from the start of a buffer of its own. */
  bytes: Uint8Array
}

/** The first weight whose name fits; null where there is none or where it is written number by number. */
export async function readWeight(file: string, name: RegExp): Promise<Weight | null> {
  if (file.endsWith('.safetensors')) return readStoredWeight(file, name)
  return withFileSource(file, file, async source => {
    const { initializers } = await readOnnxHeader(source)
    const found = initializers.find(initializer => name.test(initializer.name))
    const bytes = found === undefined ? null : await readBytes(source, file, found)
    return found === undefined || bytes === null ? null : { dtype: found.dtype, dims: found.dims, bytes: bytes.slice() }
  })
}

async function readStoredWeight(file: string, name: RegExp): Promise<Weight | null> {
  return withFileSource(file, file, async source => {
    const found = [...(await readSafetensorsHeader(source))].find(([key]) => name.test(key))?.[1]
    if (found === undefined) return null
    const { dtype, dims, start, end } = found
    return { dtype, dims, bytes: (await source.read(start, end - start)).slice() }
  })
}

async function readBytes(source: ByteSource, file: string, { inline, external }: Initializer) {
  if (inline !== null) return source.read(inline.start, inline.end - inline.start)
  if (external === null) return null
  const { location, offset, length } = external
  return withFileSource(join(dirname(file), location), location, data =>
    data.read(offset, length ?? data.size - offset),
  )
}
