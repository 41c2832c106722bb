/** Where bytes are read from, at any place: a file of many gigabytes or an array in a test. Nothing here understands them. */
import { open } from 'node:fs/promises'

export interface ByteSource {
  /** For messages. */
  readonly name: string
  readonly size: number
  /** The bytes from `offset`, fewer than `length` only where the source ends. */
  read(offset: number, length: number): Promise<Uint8Array>
}

export function bytesSource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.length,
    read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
  }
}

/** Opens the file at `path`, hands it over, and closes it whatever happens. */
export async function withFileSource<T>(
  path: string,
  name: string,
  use: (source: ByteSource) => Promise<T>,
): Promise<T> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    return await use({
      name,
      size,
      async read(offset, length) {
        const buffer = new Uint8Array(Math.min(length, Math.max(0, size - offset)))
        const { bytesRead } = await file.read(buffer, 0, buffer.length, offset)
        return buffer.subarray(0, bytesRead)
      },
    })
  } finally {
    await file.close()
  }
}
